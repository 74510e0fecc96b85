// SPDX-License-Identifier: GPL-2.0-only
/* xt_pknock_knock - knock at the ports of a host with the pknock match */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nettle/hmac.h>
#include <nettle/version.h>

#include "siphash.h"
#include "xa_tool.h"
#include "xt_pknock.h"
#include "xt_pknock_form2.h"

#define DIGITS	(2 * SHA256_DIGEST_SIZE)

/**
 * struct knock - what the user wants
 * @family: AF_UNSPEC: any
 * @host:   name or address
 * @from:   address to knock from, NULL: the kernel's choice
 * @as:     address that the HMAC is made for, NULL: the one we knock from
 * @secret: key of the HMAC, empty: none is sent
 * @ports:  in the order in which they are knocked at
 * @n:      how many
 * @wait:   ms between two knocks
 * @udp:    datagrams without an HMAC
 * @print:  print the payload and send nothing
 * @form:   of the payload, 1 or 2; 0: 2 with a key, else 1
 * @key:    id of the key that @secret is, 0: none
 * @flags:  of PKNOCK_FORM2_FLAGS
 * @server: address that the host sees the knock sent to, NULL: @host
 * @port:   likewise, 0: the port that we send to
 */
struct knock {
	int family;
	const char *host;
	const char *from;
	const char *as;
	char secret[XT_PKNOCK_SECRET_LEN];
	uint16_t ports[XT_PKNOCK_PORTS_MAX];
	unsigned int n;
	unsigned int wait;
	int udp;
	int print;
	unsigned int form;
	unsigned int key;
	unsigned int flags;
	char *server;
	uint16_t port;
};

/* An address, as the kernel and as the HMAC want it */
struct address {
	struct sockaddr_storage sa;
	socklen_t size;
};

static void __attribute__((noreturn, format(printf, 2, 3)))
die(int status, const char *format, ...)
{
	va_list args;

	fputs("xt_pknock_knock: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static void usage(FILE *f)
{
	fputs("usage: xt_pknock_knock [options] host port[,port...]\n"
	      "       xt_pknock_knock [options] -s secret|-f file host port\n"
	      "  -4, -6                  only IPv4, only IPv6\n"
	      "  -b, --bind address      knock from this address\n"
	      "  -u, --udp               datagrams instead of TCP SYNs\n"
	      "  -w, --wait ms           between two knocks (200)\n"
	      "  -s, --secret secret     send an authenticated knock\n"
	      "  -f, --secret-file file  the same, with the secret in a file (-: stdin)\n"
	      "  -a, --as address        which the host will see, if it is changed on the way\n"
	      "  -p, --print             print the payload, send nothing\n"
	      "  -k, --key id            the secret is that of --key id:secret (form 2)\n"
	      "  -F, --form 1|2          form of the payload (1; with a key 2)\n"
	      "  -c, --close             shut this host out (form 2)\n"
	      "  -n, --nat               the host takes knocks from any address (form 2)\n"
	      "  -S, --server address[,port]  which the host sees, if it is changed on\n"
	      "                          the way (form 2)\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n", f);
}

static unsigned long number(const char *what, const char *text,
			    unsigned long least, unsigned long most)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n < least || n > most)
		die(2, "%s is a number from %lu to %lu, not \"%s\"", what, least,
		    most, text);
	return n;
}

static void set_ports(struct knock *k, char *list)
{
	char *word;

	while ((word = strsep(&list, ",")) != NULL) {
		if (k->n == XT_PKNOCK_PORTS_MAX)
			die(2, "at most %u ports", XT_PKNOCK_PORTS_MAX);
		k->ports[k->n++] = number("a port", word, 1, UINT16_MAX);
	}
}

static void set_secret(struct knock *k, const char *secret)
{
	if (!*secret || strlen(secret) >= sizeof(k->secret))
		die(2, "a secret has 1 to %zu bytes", sizeof(k->secret) - 1);
	strcpy(k->secret, secret);
}

static void read_secret(struct knock *k, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		die(1, "%s: %s", path, strerror(errno));
	if (getline(&line, &size, f) < 0)
		die(1, "%s: there is no secret in it", path);
	line[strcspn(line, "\n")] = '\0';
	set_secret(k, line);
	free(line);
	if (f != stdin)
		fclose(f);
}

/* The first address of a name; with @numeric only what is written as one */
static void resolve(struct address *a, const char *name, int family, int numeric)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = numeric ? AI_NUMERICHOST : 0,
	};
	struct addrinfo *list;
	int error = getaddrinfo(name, NULL, &hints, &list);

	if (error)
		die(1, "%s: %s", name, gai_strerror(error));
	memcpy(&a->sa, list->ai_addr, list->ai_addrlen);
	a->size = list->ai_addrlen;
	freeaddrinfo(list);
}

static void set_port(struct address *a, uint16_t port)
{
	if (a->sa.ss_family == AF_INET)
		((struct sockaddr_in *)&a->sa)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)&a->sa)->sin6_port = htons(port);
}

/* A socket that connects to @port and does not wait: a port without an answer would block it. */
static int reach(const struct knock *k, struct address to, int type, uint16_t port)
{
	int fd = socket(to.sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct address from;

	if (fd < 0)
		die(1, "socket: %s", strerror(errno));
	if (k->from) {
		resolve(&from, k->from, to.sa.ss_family, 1);
		if (bind(fd, (struct sockaddr *)&from.sa, from.size) < 0)
			die(1, "%s: %s", k->from, strerror(errno));
	}
	set_port(&to, port);
	if (connect(fd, (struct sockaddr *)&to.sa, to.size) < 0 &&
	    errno != EINPROGRESS && errno != ECONNREFUSED)
		die(1, "%s port %u: %s", k->host, port, strerror(errno));
	return fd;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/*
 * A right knock is answered by nobody; a wrong one perhaps, which is no error. The
 * socket is closed before the pause: without an answer the kernel would send the SYN
 * again after a second, and a strict sequence ends with a port that comes twice.
 */
static void knock(const struct knock *k, const struct address *to)
{
	unsigned int i;
	int fd;

	for (i = 0; i < k->n; ++i) {
		fd = reach(k, *to, k->udp ? SOCK_DGRAM : SOCK_STREAM, k->ports[i]);
		if (k->udp && send(fd, "", 0, 0) < 0 && errno != ECONNREFUSED)
			die(1, "%s port %u: %s", k->host, k->ports[i],
			    strerror(errno));
		close(fd);
		sleep_ms(k->wait);
	}
}

static void hmac_end(struct hmac_sha256_ctx *ctx, uint8_t *digest)
{
#if NETTLE_VERSION_MAJOR >= 4
	hmac_sha256_digest(ctx, digest);
#else
	hmac_sha256_digest(ctx, SHA256_DIGEST_SIZE, digest);
#endif
}

static void hmac(const char *secret, const void *data, size_t size, uint8_t *digest)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, strlen(secret), (const uint8_t *)secret);
	hmac_sha256_update(&ctx, size, data);
	hmac_end(&ctx, digest);
}

static void bind_address(uint8_t *to, const struct address *a)
{
	if (a->sa.ss_family == AF_INET)
		pknock_form2_address(to, &((const struct sockaddr_in *)&a->sa)->sin_addr, false);
	else
		pknock_form2_address(to, &((const struct sockaddr_in6 *)&a->sa)->sin6_addr, true);
}

/* What the payload begins with, up to the tag */
static void form2_head(const struct knock *k, uint8_t *head)
{
	uint16_t port = k->port ? k->port : k->ports[0];
	uint64_t now = time(NULL);
	unsigned int i;

	memcpy(head, PKNOCK_FORM2_MAGIC, 4);
	head[4] = k->flags;
	head[5] = k->key;
	head[6] = port >> 8;
	head[7] = port;
	for (i = 0; i < 8; ++i)
		head[8 + i] = now >> (56 - 8 * i);
	if (getrandom(head + 16, 8, 0) != 8)
		die(1, "getrandom: %s", strerror(errno));
}

/* The payload of the second form, from @seen to @to */
static void form2(const struct knock *k, const struct address *seen,
		  const struct address *to, uint8_t *payload)
{
	struct pknock_form2_signed sign = { .head = "" };
	struct address server = *to;
	uint8_t key[SHA256_DIGEST_SIZE];
	unsigned int i;
	uint64_t tag;

	if (k->server)
		resolve(&server, k->server, to->sa.ss_family, 1);
	form2_head(k, payload);
	hmac(k->secret, PKNOCK_FORM2_TAG, strlen(PKNOCK_FORM2_TAG), key);
	tag = siphash(key, payload, PKNOCK_FORM2_HEAD);
	for (i = 0; i < 8; ++i)
		payload[PKNOCK_FORM2_HEAD + i] = tag >> 8 * i;
	memcpy(sign.head, payload, sizeof(sign.head));
	if (!(k->flags & PKNOCK_FORM2_ANY))
		bind_address(sign.client, seen);
	bind_address(sign.server, &server);
	hmac(k->secret, &sign, sizeof(sign), payload + PKNOCK_FORM2_HEAD + 8);
}

static void authenticate(const struct knock *k, const struct address *seen,
			 char *digits)
{
	uint32_t minute = time(NULL) / 60;
	const uint8_t wire[] = { minute, minute >> 8, minute >> 16, minute >> 24 };
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;
	unsigned int i;

	hmac_sha256_set_key(&ctx, strlen(k->secret), (const uint8_t *)k->secret);
	if (seen->sa.ss_family == AF_INET)
		hmac_sha256_update(&ctx, 4, (const uint8_t *)
				   &((const struct sockaddr_in *)&seen->sa)->sin_addr);
	else
		hmac_sha256_update(&ctx, 16, (const uint8_t *)
				   &((const struct sockaddr_in6 *)&seen->sa)->sin6_addr);
	hmac_sha256_update(&ctx, sizeof(wire), wire);
	hmac_end(&ctx, digest);
	for (i = 0; i < sizeof(digest); ++i)
		sprintf(digits + 2 * i, "%02x", digest[i]);
}

static void print_payload(const struct knock *k, const uint8_t *payload, size_t size)
{
	size_t i;

	if (k->form == 1) {
		fwrite(payload, 1, size, stdout);
		return;
	}
	for (i = 0; i < size; ++i)
		printf("%02x", payload[i]);
	putchar('\n');
}

/* One datagram; the address in it is the one that the kernel sends from. */
static void knock_once(const struct knock *k, const struct address *to)
{
	int fd = reach(k, *to, SOCK_DGRAM, k->ports[0]);
	struct address seen = { .size = sizeof(seen.sa) };
	uint8_t payload[DIGITS + 2];
	size_t size;

	if (k->as)
		resolve(&seen, k->as, to->sa.ss_family, 1);
	else if (getsockname(fd, (struct sockaddr *)&seen.sa, &seen.size) < 0)
		die(1, "getsockname: %s", strerror(errno));
	if (k->form == 2) {
		form2(k, &seen, to, payload);
		size = PKNOCK_FORM2_SIZE;
	} else {
		authenticate(k, &seen, (char *)payload);
		payload[DIGITS] = '\n';
		size = DIGITS + 1;
	}
	if (k->print)
		print_payload(k, payload, size);
	else if (send(fd, payload, size, 0) < 0)
		die(1, "%s port %u: %s", k->host, k->ports[0], strerror(errno));
	close(fd);
}

static void set_server(struct knock *k, char *text)
{
	k->server = strsep(&text, ",");
	if (text)
		k->port = number("a port", text, 1, UINT16_MAX);
}

static void parse_option(struct knock *k, int c, char **argv)
{
	switch (c) {
	case '4': k->family = AF_INET; break;
	case '6': k->family = AF_INET6; break;
	case 'b': k->from = optarg; break;
	case 'u': k->udp = 1; break;
	case 'w': k->wait = number("--wait", optarg, 0, 60000); break;
	case 's': set_secret(k, optarg); break;
	case 'f': read_secret(k, optarg); break;
	case 'a': k->as = optarg; break;
	case 'p': k->print = 1; break;
	case 'k': k->key = number("a key's id", optarg, 1, UINT8_MAX); break;
	case 'F': k->form = number("a form", optarg, 1, 2); break;
	case 'c': k->flags |= PKNOCK_FORM2_CLOSE; break;
	case 'n': k->flags |= PKNOCK_FORM2_ANY; break;
	case 'S': set_server(k, optarg); break;
	case 'h': usage(stdout); exit(0);
	case 'V': xa_tool_version(argv); exit(0);
	default: exit(xa_tool_bad_usage(argv));
	}
}

static void check_form(struct knock *k)
{
	int second = k->key || k->flags || k->server;

	if (!*k->secret && (second || k->form))
		die(2, "--key, --form, --close, --nat and --server go with a secret");
	if (!k->form)
		k->form = second ? 2 : 1;
	if (k->form == 1 && second)
		die(2, "--key, --close, --nat and --server are for form 2");
	if (k->as && k->flags & PKNOCK_FORM2_ANY)
		die(2, "with --nat there is no address for --as");
}

static void parse(struct knock *k, int argc, char **argv)
{
	static const struct option options[] = {
		{ "bind", 1, NULL, 'b' }, { "udp", 0, NULL, 'u' },
		{ "wait", 1, NULL, 'w' }, { "secret", 1, NULL, 's' },
		{ "secret-file", 1, NULL, 'f' }, { "as", 1, NULL, 'a' },
		{ "print", 0, NULL, 'p' }, { "help", 0, NULL, 'h' },
		{ "key", 1, NULL, 'k' }, { "form", 1, NULL, 'F' },
		{ "close", 0, NULL, 'c' }, { "nat", 0, NULL, 'n' },
		{ "server", 1, NULL, 'S' }, { "version", 0, NULL, 'V' }, { 0 },
	};
	int c;

	xa_tool_begin(argv);
	while ((c = getopt_long(argc, argv, "46b:uw:s:f:a:phk:F:cnS:V", options, NULL)) != -1)
		parse_option(k, c, argv);
	if (argc - optind > 2)
		exit(xa_tool_unexpected(argv, argv[optind + 2]));
	if (argc - optind < 2) {
		fprintf(stderr, "%s: a host and a port are needed\n", argv[0]);
		exit(xa_tool_bad_usage(argv));
	}
	k->host = argv[optind];
	set_ports(k, argv[optind + 1]);
	if (*k->secret && (k->n != 1 || k->udp))
		die(2, "--secret takes exactly one port and cannot be combined with --udp");
	if (!*k->secret && (k->as || k->print))
		die(2, "--as and --print go with a secret");
	check_form(k);
}

int main(int argc, char **argv)
{
	struct knock k = { .family = AF_UNSPEC, .wait = 200 };
	struct address to;

	parse(&k, argc, argv);
	resolve(&to, k.host, k.family, 0);
	if (*k.secret)
		knock_once(&k, &to);
	else
		knock(&k, &to);
	return 0;
}
