// SPDX-License-Identifier: GPL-2.0-only
/*
 * dl_main - xt_geoip_dl, xt_geoip_dl_maxmind, xt_asn_dl
 *
 * A provider's file is fetched into a temporary one, unpacked beside its
 * destination, looked at and only then renamed: what was there before stays
 * whatever goes wrong. A licence key is read from a file or the standard
 * input, never from the command line, and appears in no message.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <curl/curl.h>

#include "tools.h"
#include "xa_tool.h"

/* Redirects that are followed, and what is taken to be too much data. */
#define MAX_HOPS	5
#define MAX_MIB		2048
#define MAX_FILES	100	/* of an archive; MaxMind's have about a dozen */

#define URL_LEN		2048

struct options {
	const char *base, *keyfile;
	long long max;		/* bytes, of what comes and of what is in it */
	bool dbip, quiet;
};

static const struct option long_options[] = {
	{ "url",   required_argument, NULL, 'u' },
	{ "max",   required_argument, NULL, 'm' },
	{ "dbip",  no_argument,       NULL, 'd' },
	{ "quiet", no_argument,       NULL, 'q' },
	{ "help",  no_argument,       NULL, 'h' },
	{ "version", no_argument,     NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f, const struct xa_download *dl)
{
	fprintf(f, "usage: %s [-q] [-u url] [-m MiB] %s\n"
		"Download a database into the current folder.\n\n"
		"  -u, --url url   base address to fetch from, http:// or https://\n"
		"  -m, --max MiB   refuse more than that (2048)\n"
		"%s"
		"  -q, --quiet     no progress\n"
		"  -h, --help      this text\n"
		"  -V, --version   the version\n",
		dl->tool, dl->edition ? "[licence-key-file]" : "",
		dl->edition && dl->dbip ?
		"  --dbip          DB-IP's file, which needs no licence key\n" : "");
}

/* ---- fetching */

struct fetch {
	FILE *f;
	long long max, got;
	int error;		/* errno of a write that failed */
	curl_off_t date;	/* of the file, as the server says; -1: it does not */
	char next[URL_LEN];	/* where the server says it is */
};

/* The server need not have said how long it is. */
static size_t take_bytes(char *data, size_t size, size_t n, void *cookie)
{
	struct fetch *ft = cookie;
	size_t len = size * n;

	ft->got += len;
	if (ft->got > ft->max)
		return 0;
	if (fwrite(data, 1, len, ft->f) == len)
		return len;
	ft->error = errno;
	return 0;
}

static bool is_https(const char *url)
{
	return !strncasecmp(url, "https://", 8);
}

static bool is_web(const char *url)
{
	return is_https(url) || !strncasecmp(url, "http://", 7);
}

static void set_options(CURL *curl, const char *url, struct fetch *ft, bool quiet)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ft);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FILETIME, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 100L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "xtables-anew");
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, quiet || !isatty(STDERR_FILENO) ? 1L : 0L);
}

static bool explain(CURLcode e, const struct fetch *ft, const char *why, struct xa_err *err)
{
	if (ft->got > ft->max)
		return xa_fail(err, "the server sends more than %lld MiB: refused (--max)",
			       ft->max >> 20);
	if (ft->error)
		return xa_fail(err, "cannot write a temporary file: %s", strerror(ft->error));
	return xa_fail(err, "%s", *why ? why : curl_easy_strerror(e));
}

/* One request. Return: the status; 0: failed, see err */
static long request(const char *url, struct fetch *ft, bool quiet, struct xa_err *err)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	char *next = NULL;
	long status = 0;
	CURLcode e;

	if (!curl) {
		xa_fail(err, "libcurl does not start");
		return 0;
	}
	set_options(curl, url, ft, quiet);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	e = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
	curl_easy_getinfo(curl, CURLINFO_FILETIME_T, &ft->date);
	snprintf(ft->next, sizeof(ft->next), "%s", next ? next : "");
	if (e != CURLE_OK) {
		explain(e, ft, why, err);
		status = 0;
	} else if (!status) {
		xa_fail(err, "the server gave no answer of HTTP");
	}
	curl_easy_cleanup(curl);
	return status;
}

static bool start_over(struct fetch *ft, struct xa_err *err)
{
	ft->got = 0;
	rewind(ft->f);
	return !ftruncate(fileno(ft->f), 0) ||
	       xa_fail(err, "cannot write a temporary file: %s", strerror(errno));
}

/* A request and what it is redirected to; once it is https it stays so. */
static long transfer(const char *url, struct fetch *ft, bool quiet, struct xa_err *err)
{
	char now[URL_LEN];
	long status;
	int hops;

	snprintf(now, sizeof(now), "%s", url);
	for (hops = 0; hops <= MAX_HOPS; hops++) {
		if (!start_over(ft, err))
			return 0;
		status = request(now, ft, quiet, err);
		if (status < 300 || status > 399 || !*ft->next)
			return status;
		if (!is_web(ft->next) || (is_https(now) && !is_https(ft->next))) {
			xa_fail(err, "the server redirects to %.*s: refused",
				(int)strcspn(ft->next, "?"), ft->next);
			return 0;
		}
		snprintf(now, sizeof(now), "%s", ft->next);
	}
	xa_fail(err, "more than %d redirects", MAX_HOPS);
	return 0;
}

/* Give a file the date that the server has for it. */
static void set_date(int fd, time_t date)
{
	struct timespec when[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = date } };

	if (date > 0)
		futimens(fd, when);
}

/* Fetch into an unnamed file. Return: HTTP status; 0: failed, see err. */
static long fetch(const char *url, FILE **f, const struct options *o, struct xa_err *err)
{
	struct fetch ft = { .max = o->max, .date = -1 };
	long status;

	*f = NULL;
	if (!is_web(url)) {
		xa_fail(err, "--url: \"%.*s\" does not begin with https:// or http://",
			(int)strcspn(url, "?"), url);
		return 0;
	}
	ft.f = tmpfile();
	if (!ft.f) {
		xa_fail(err, "no temporary file: %s", strerror(errno));
		return 0;
	}
	status = transfer(url, &ft, o->quiet, err);
	if (status == 200 && (fflush(ft.f) || ferror(ft.f) || fseek(ft.f, 0, SEEK_SET))) {
		xa_fail(err, "cannot write a temporary file: %s", strerror(errno));
		status = 0;
	}
	if (status == 200) {
		set_date(fileno(ft.f), ft.date);
		*f = ft.f;
	} else {
		fclose(ft.f);
	}
	return status;
}

/* ---- unpacking */

/* Where things are unpacked to. */
struct place {
	int dfd;
	const char *name;	/* for messages */
	long long max;
	long long *written;	/* of all files together */
	time_t date;		/* that files get */
};

static void take_date(struct place *p, FILE *f)
{
	struct stat st;

	p->date = fstat(fileno(f), &st) ? 0 : st.st_mtime;
}

static bool copy_entry(struct archive *a, FILE *out, struct place *p, struct xa_err *err)
{
	const long long before = *p->written;
	const void *block;
	la_int64_t at;
	size_t len;
	int e;

	while ((e = archive_read_data_block(a, &block, &len, &at)) == ARCHIVE_OK) {
		*p->written += len;
		if (*p->written > p->max)
			return xa_fail(err, "%s: more than %lld MiB: refused (--max)", p->name,
				       p->max >> 20);
		if (len && fwrite(block, 1, len, out) != len)
			return xa_fail(err, "%s: %s", p->name, strerror(errno));
	}
	if (e != ARCHIVE_EOF)
		return xa_fail(err, "%s: %s", p->name, archive_error_string(a) ?
			       archive_error_string(a) : "damaged");
	return *p->written > before || xa_fail(err, "%s: the file is empty", p->name);
}

/* Write an entry to a file, by way of one beside it. */
static bool save_entry(struct archive *a, struct place *p, const char *file,
		       struct xa_err *err)
{
	char part[XA_PART_NAME];
	bool good;
	FILE *out;

	out = xa_part_create(p->dfd, file, part, err);
	if (!out)
		return false;
	good = copy_entry(a, out, p, err);
	if (good && (fflush(out) || ferror(out) || fsync(fileno(out))))
		good = xa_fail(err, "%s: %s", part, strerror(errno));
	if (good)
		set_date(fileno(out), p->date);
	if (fclose(out) && good)
		good = xa_fail(err, "%s: %s", part, strerror(errno));
	if (good && renameat(p->dfd, part, p->dfd, file))
		good = xa_fail(err, "%s: %s", p->name, strerror(errno));
	if (!good)
		unlinkat(p->dfd, part, 0);
	return good;
}

static struct archive *unpacker(FILE *f, bool raw, struct xa_err *err)
{
	struct archive *a = archive_read_new();

	if (!a) {
		xa_fail(err, "no memory");
		return NULL;
	}
	if (raw) {
		archive_read_support_filter_gzip(a);
		archive_read_support_format_raw(a);
	} else {
		archive_read_support_format_zip_streamable(a);
		archive_read_support_format_zip_seekable(a);
	}
	if (archive_read_open_FILE(a, f) == ARCHIVE_OK)
		return a;
	xa_fail(err, "%s", archive_error_string(a));
	archive_read_free(a);
	return NULL;
}

/* "name.csv.gz" to name.csv */
static bool unpack_gz(FILE *f, struct place *p, struct xa_err *err)
{
	const char *name = p->name;
	struct archive_entry *entry;
	bool good = false;
	struct archive *a;

	if (!xa_unpack_check(f, p->max, name, err))
		return false;
	a = unpacker(f, true, err);
	if (!a)
		return false;
	if (archive_read_next_header(a, &entry) != ARCHIVE_OK)
		xa_fail(err, "%s: %s", name, archive_error_string(a) ?
			archive_error_string(a) : "nothing in it");
	else if (archive_filter_code(a, 0) != ARCHIVE_FILTER_GZIP)
		xa_fail(err, "%s: what came is not compressed: no database", name);
	else
		good = save_entry(a, p, name, err);
	archive_read_free(a);
	return good;
}

/* dir/file of an archive in plain letters, and nothing that leads elsewhere or is hidden */
static bool safe_name(const char *path)
{
	static const char plain[] = "0123456789._-abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t dir = strspn(path, plain);
	const char *file = path + dir + 1;

	return dir && path[dir] == '/' && *file && !file[strspn(file, plain)] &&
	       *path != '.' && *file != '.' && strlen(path) < 1000;
}

/* A folder of the archive, in the current one; it is no link to another. */
static bool save_in_folder(struct archive *a, const struct place *top, const char *path,
			   char dir[1024], struct xa_err *err)
{
	struct place p = *top;
	bool good;

	snprintf(dir, 1024, "%.*s", (int)strcspn(path, "/"), path);
	if (mkdirat(top->dfd, dir, 0777) && errno != EEXIST)
		return xa_fail(err, "%s: %s", dir, strerror(errno));
	p.dfd = openat(top->dfd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p.dfd < 0)
		return xa_fail(err, "%s: %s", dir, strerror(errno));
	p.name = path;
	good = save_entry(a, &p, strchr(path, '/') + 1, err);
	close(p.dfd);
	return good;
}

/* Folder of CSV files, as MaxMind packs it. Return: how many, 0: failed */
static int unpack_zip(FILE *f, const struct place *top, char dir[1024], struct xa_err *err)
{
	struct archive *a = unpacker(f, false, err);
	struct archive_entry *entry;
	int files = 0, e = ARCHIVE_EOF;
	bool good = a;

	while (good && (e = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry);

		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (files++ == MAX_FILES)
			good = xa_fail(err, "the archive has more than %d files: refused",
				       MAX_FILES);
		else if (!path || !safe_name(path))
			good = xa_fail(err, "the archive has a file of a strange name: refused");
		else
			good = save_in_folder(a, top, path, dir, err);
	}
	if (a && good && (e != ARCHIVE_EOF || !files))
		good = xa_fail(err, "the archive is damaged: %s",
			       archive_error_string(a) ? archive_error_string(a) : "nothing in it");
	if (a)
		archive_read_free(a);
	return good ? files : 0;
}

/* ---- the providers */

/* This month's file, or last month's as long as there is none yet. */
static bool fetch_dbip(const struct xa_download *dl, const struct options *o,
		       char url[2][URL_LEN], FILE **f, int *which, struct xa_err *err)
{
	const char *base = o->base ? o->base : "https://download.db-ip.com/free";
	time_t now = time(NULL);
	long status = 0;
	struct tm tm;

	gmtime_r(&now, &tm);
	for (*which = 0; *which < 2; ++*which) {
		snprintf(url[*which], URL_LEN, "%s/%s-%04d-%02d.csv.gz", base, dl->dbip,
			 tm.tm_year + 1900, tm.tm_mon + 1);
		status = fetch(url[*which], f, o, err);
		if (!status || *f)
			return *f;
		if (status != 404)
			return xa_fail(err, "%s: the server says %ld", url[*which], status);
		if (!tm.tm_mon--) {
			tm.tm_mon = 11;
			tm.tm_year--;
		}
	}
	return xa_fail(err, "the server has neither %s nor %s: it says 404", url[0], url[1]);
}

static bool download_dbip(const struct xa_download *dl, const struct options *o,
			  struct place *p, struct xa_err *err)
{
	char url[2][URL_LEN], name[64];
	int which;
	bool good;
	FILE *f;

	if (!fetch_dbip(dl, o, url, &f, &which, err))
		return false;
	snprintf(name, sizeof(name), "%s.csv", dl->dbip);
	p->name = name;
	take_date(p, f);
	good = unpack_gz(f, p, err);
	fclose(f);
	if (good && !o->quiet)
		printf("%s: %lld bytes from %s\n", name, *p->written, url[which]);
	return good;
}

static bool read_key(const char *path, char *key, size_t len, struct xa_err *err)
{
	FILE *f = path ? fopen(path, "re") : stdin;
	bool good = f && fgets(key, len, f);

	if (f && f != stdin)
		fclose(f);
	if (!good)
		return xa_fail(err, "%s: no licence key there", path ? path : "(standard input)");
	key[strcspn(key, "\r\n \t")] = '\0';
	if (!*key || key[strspn(key, "0123456789_abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return xa_fail(err, "%s: that is no licence key", path ? path : "(standard input)");
	return true;
}

static bool download_maxmind(const struct xa_download *dl, const struct options *o,
			     struct place *p, struct xa_err *err)
{
	const char *base = o->base ? o->base : dl->base;
	char key[128], url[URL_LEN], dir[1024];
	long status;
	int files;
	FILE *f;

	if (!read_key(o->keyfile, key, sizeof(key), err))
		return false;
	snprintf(url, sizeof(url), "%s?edition_id=%s&license_key=%s&suffix=zip",
		 base, dl->edition, key);
	status = fetch(url, &f, o, err);
	explicit_bzero(url, sizeof(url));
	explicit_bzero(key, sizeof(key));
	if (!status)
		return false;
	if (!f)
		return xa_fail(err, "%s from %s: the server says %ld%s", dl->edition, base, status,
			       status == 401 ? ": it does not accept the licence key" : "");
	take_date(p, f);
	files = unpack_zip(f, p, dir, err);
	fclose(f);
	if (files && !o->quiet)
		printf("%s: %d files of %s from %s\n", dir, files, dl->edition, base);
	return files;
}

static bool download(const struct xa_download *dl, const struct options *o,
		     struct xa_err *err)
{
	long long written = 0;
	struct place p = { .max = o->max, .written = &written };
	bool good;

	p.dfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p.dfd < 0)
		return xa_fail(err, "the current folder: %s", strerror(errno));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	good = o->dbip ? download_dbip(dl, o, &p, err) : download_maxmind(dl, o, &p, err);
	curl_global_cleanup();
	close(p.dfd);
	return good;
}

static long long parse_max(const char *tool, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > 1 << 20) {
		fprintf(stderr, "%s: --max: \"%s\" is not a number of MiB\n", tool, text);
		exit(2);
	}
	return (long long)n << 20;
}

int xa_dl_main(const struct xa_download *dl, int argc, char **argv)
{
	struct options o = { .dbip = !dl->edition, .max = (long long)MAX_MIB << 20 };
	struct xa_err err;
	bool good;
	int c;

	xa_tool_begin(argv);
	while ((c = getopt_long(argc, argv, "u:m:qhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'u': o.base = optarg; break;
		case 'm': o.max = parse_max(argv[0], optarg); break;
		case 'd': o.dbip = dl->dbip; break;
		case 'q': o.quiet = true; break;
		case 'h':
			usage(stdout, dl);
			return 0;
		case 'V':
			xa_tool_version(argv);
			return 0;
		default:
			return xa_tool_bad_usage(argv);
		}
	}
	if (argc - optind > !o.dbip)
		return xa_tool_unexpected(argv, argv[optind + !o.dbip]);
	o.keyfile = argv[optind];
	good = download(dl, &o, &err);
	if (!good)
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	return !good;
}
