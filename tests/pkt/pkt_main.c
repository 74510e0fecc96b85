// SPDX-License-Identifier: GPL-2.0-only
/* pkt - send, capture and compare packets that are written as text */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static int cmd_fields(int argc, char **argv);
static int cmd_match(int argc, char **argv);
static int cmd_print(int argc, char **argv);
static int cmd_build(int argc, char **argv);

static const char fields_help[] =
"pkt fields [LAYER]\n"
"  Lists the layers and their fields with their defaults.\n";

static const char match_help[] =
"pkt match [--loose] GOLDEN [FILE]\n"
"  Compares the packets of FILE (stdin) with those of GOLDEN, line by line. A value\n"
"  in GOLDEN is a shell pattern; NAME=* is right also when the field is missing. Lines\n"
"  that are empty or begin with # do not count.\n"
"  -l, --loose   layers and fields that GOLDEN does not name may be there\n"
"  Exit status: 0 the same, 1 not.\n";

static const char print_help[] =
"pkt print [FIRST]\n"
"  Prints the packets that stdin has in hexadecimal, one a line; FIRST is the layer\n"
"  that they begin with (eth).\n";

static const char build_help[] =
"pkt build PACKET [INDEX]\n"
"  Prints the bytes of PACKET in hexadecimal.\n";

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "send", cmd_send, send_help },
	{ "flood", cmd_flood, flood_help },
	{ "capture", cmd_capture, capture_help },
	{ "match", cmd_match, match_help },
	{ "listen", cmd_listen, listen_help },
	{ "connect", cmd_connect, connect_help },
	{ "offload", cmd_offload, offload_help },
	{ "large", cmd_large, large_help },
	{ "fields", cmd_fields, fields_help },
	{ "print", cmd_print, print_help },
	{ "build", cmd_build, build_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char syntax[] =
"A packet is a line: layers between slashes, each a name and fields NAME=VALUE:\n"
"  ip src=10.0.0.1 dst=10.0.0.2 ttl=64 / tcp sport=1..9 dport=80 flags=S opt=mss:1460\n"
"  ip6 src=fd00::1 dst=fd00::2 / frag off=0 mf=1 / udp len=4 sum=bad / data text=\"hi\\n\"\n"
"What is not said is as in a correct packet. VALUE may be FIRST..LAST (in turn),\n"
"FIRST..LAST+STEP (each STEPth of them) or rand.\n"
"Bytes: data hex=, text=, zero=N, fill=N, random=N; others opt=HEX; options of ip and\n"
"tcp: opt=nop,mss:1460,NUMBER:HEX,raw:HEX.\n";

/**
 * die - end with a message and status 2
 * @format: as for printf()
 */
void die(const char *format, ...)
{
	va_list args;

	fputs("pkt: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/**
 * number - the argument of an option
 * @option: its name
 * @text:   the argument
 * @least:  smallest that is right
 * @most:   largest that is right
 *
 * Return: the number.
 */
uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (*text == '\0' || *text == '-' || *end != '\0' || n < least || n > most)
		die("--%s takes a number from %llu to %llu, not '%s'", option,
		    (unsigned long long)least, (unsigned long long)most, text);
	return n;
}

/**
 * duration - the argument of an option
 * @option: its name
 * @text:   the argument
 *
 * Return: seconds.
 */
double duration(const char *option, const char *text)
{
	char *end;
	double s = strtod(text, &end);

	if (*text == '\0' || *end != '\0' || !(s >= 0 && s < 1e6))
		die("--%s takes seconds, not '%s'", option, text);
	return s;
}

/**
 * touch - make an empty file, which tells that we are ready
 * @path: where, or NULL
 */
void touch(const char *path)
{
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (f != NULL)
		fclose(f);
	else if (path != NULL)
		die("cannot write %s: %m", path);
}

static void print_layer(const struct pkt_layer *layer)
{
	char text[64];

	printf("%s", layer->name);
	for (int k = 0; k < PKT_FIELDS && layer->fields[k].name != NULL; k++) {
		const struct pkt_field *f = &layer->fields[k];

		if (f->rule == PKT_PLAIN) {
			pkt_value_print(text, sizeof(text), f,
					f->width == 128 ? 0xfd00000000000000 : 0, f->deflt);
			printf(" %s=%s", f->name, text);
		} else {
			printf(" %s", f->name);
		}
	}
	puts(layer->tail == PKT_TAIL_DATA ? " hex text zero fill random" :
	     layer->tail != PKT_TAIL_NONE ? " opt" : "");
}

static int cmd_fields(int argc, char **argv)
{
	int id = argc > 1 ? pkt_layer_find(argv[1], strlen(argv[1])) : 0;

	if (id < 0)
		die("there is no layer '%s'", argv[1]);
	for (int i = id; i < (argc > 1 ? id + 1 : PKT_LAYERS); i++)
		print_layer(&pkt_layers[i]);
	return 0;
}

/* The next line that counts, without its end. Return: 0 at the end of the file. */
static int next_line(FILE *f, char **line, size_t *size)
{
	ssize_t n;

	while ((n = getline(line, size, f)) >= 0) {
		if (n > 0 && (*line)[n - 1] == '\n')
			(*line)[n - 1] = '\0';
		if (**line != '\0' && **line != '#')
			return 1;
	}
	return 0;
}

static int match_files(FILE *golden, FILE *lines, int loose)
{
	char *g = NULL, *l = NULL, why[512];
	size_t gsize = 0, lsize = 0;
	unsigned int n = 0, bad = 0;

	for (;;) {
		int more_g = next_line(golden, &g, &gsize), more_l = next_line(lines, &l, &lsize);

		if (!more_g && !more_l)
			break;
		n++;
		if (more_g && more_l && pkt_match(g, l, loose, why, sizeof(why)))
			continue;
		bad++;
		if (more_g && more_l)
			printf("packet %u %s\n", n, why);
		else
			printf("packet %u is %s\n", n, more_g ? "missing" : "one too many");
		printf("  expected: %s\n  got:      %s\n", more_g ? g : "", more_l ? l : "");
	}
	free(g);
	free(l);
	return bad != 0;
}

static int cmd_match(int argc, char **argv)
{
	static const struct option options[] = { { "loose", 0, NULL, 'l' }, { 0 } };
	int c, loose = 0;
	FILE *golden, *lines = stdin;

	while ((c = getopt_long(argc, argv, "l", options, NULL)) != -1) {
		if (c != 'l')
			return 2;
		loose = 1;
	}
	if (optind == argc || optind + 2 < argc)
		die("match takes GOLDEN and at most one FILE");
	golden = fopen(argv[optind], "r");
	if (golden == NULL)
		die("cannot read %s: %m", argv[optind]);
	if (optind + 1 < argc)
		lines = fopen(argv[optind + 1], "r");
	if (lines == NULL)
		die("cannot read %s: %m", argv[optind + 1]);
	return match_files(golden, lines, loose);
}

static int cmd_print(int argc, char **argv)
{
	static char out[PKT_TEXT];
	static uint8_t bytes[PKT_MAX];
	int first = argc > 1 ? pkt_layer_find(argv[1], strlen(argv[1])) : PKT_ETH;
	char *line = NULL;
	size_t size = 0;

	if (first < 0)
		die("there is no layer '%s'", argv[1]);
	while (next_line(stdin, &line, &size)) {
		ssize_t n = pkt_hex_parse(bytes, sizeof(bytes), line);

		if (n < 0)
			die("'%s' is not hexadecimal", line);
		pkt_print(out, sizeof(out), (enum pkt_id)first, bytes, (size_t)n,
			  PKT_PRINT_LINK | PKT_PRINT_FULL);
		puts(out);
	}
	free(line);
	return 0;
}

static int cmd_build(int argc, char **argv)
{
	static uint8_t bytes[PKT_MAX];
	struct pkt_spec spec;
	char err[256];
	ssize_t n;

	if (argc < 2 || argc > 3)
		die("build takes a packet and perhaps an index");
	if (pkt_parse(&spec, argv[1], err, sizeof(err)) != 0)
		die("%s", err);
	n = pkt_build(&spec, argc > 2 ? number("index", argv[2], 0, UINT64_MAX) : 0, bytes,
		      sizeof(bytes));
	if (n < 0)
		die("the packet is longer than %d bytes", PKT_MAX);
	for (ssize_t i = 0; i < n; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
	pkt_release(&spec);
	return 0;
}

static int usage(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (name == NULL || strcmp(name, commands[i].name) == 0)
			fputs(commands[i].help, stdout);
	if (name == NULL)
		fputs(syntax, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(NULL);
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (argc > 2 && strcmp(argv[2], "--help") == 0)
			return usage(argv[1]);
		return commands[i].run(argc - 1, argv + 1);
	}
	die("a command is missing; pkt --help lists them");
}
