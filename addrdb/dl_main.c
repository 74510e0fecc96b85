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

/* No database comes near it; a bomb would go beyond. */
#define MAX_BYTES (2048LL << 20)

struct options {
	const char *base, *keyfile;
	bool dbip, quiet;
};

static const struct option long_options[] = {
	{ "url",   required_argument, NULL, 'u' },
	{ "dbip",  no_argument,       NULL, 'd' },
	{ "quiet", no_argument,       NULL, 'q' },
	{ "help",  no_argument,       NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f, const struct xa_download *dl)
{
	fprintf(f, "usage: %s [-q] [-u url] %s\n"
		"Download a database into the current folder.\n\n"
		"  -u, --url url   base address to fetch from\n"
		"%s"
		"  -q, --quiet     no progress\n",
		dl->tool, dl->edition ? "[licence-key-file]" : "",
		dl->edition && dl->dbip ?
		"  --dbip          DB-IP's file, which needs no licence key\n" : "");
}

/* ---- fetching */

static long transfer(const char *url, FILE *f, bool quiet, struct xa_err *err)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode e;

	if (!curl) {
		xa_fail(err, "libcurl does not start");
		return 0;
	}
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 100L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)MAX_BYTES);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "xtables-anew");
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, quiet || !isatty(STDERR_FILENO) ? 1L : 0L);
	e = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (e != CURLE_OK) {
		xa_fail(err, "%s", *why ? why : curl_easy_strerror(e));
		status = 0;
	}
	curl_easy_cleanup(curl);
	return status;
}

/* Fetch into an unnamed file. Return: HTTP status; 0: failed, see err. */
static long fetch(const char *url, FILE **f, bool quiet, struct xa_err *err)
{
	long status;

	*f = tmpfile();
	if (!*f) {
		xa_fail(err, "no temporary file: %s", strerror(errno));
		return 0;
	}
	status = transfer(url, *f, quiet, err);
	if (status == 200 && !fflush(*f) && !fseek(*f, 0, SEEK_SET))
		return status;
	fclose(*f);
	*f = NULL;
	return status == 200 ? 0 : status;
}

/* ---- unpacking */

static bool copy_entry(struct archive *a, FILE *out, const char *name, struct xa_err *err)
{
	long long total = 0;
	const void *block;
	la_int64_t at;
	size_t len;
	int e;

	while ((e = archive_read_data_block(a, &block, &len, &at)) == ARCHIVE_OK) {
		total += len;
		if (total > MAX_BYTES)
			return xa_fail(err, "%s: far too large", name);
		if (fwrite(block, 1, len, out) != len)
			return xa_fail(err, "%s: %s", name, strerror(errno));
	}
	if (e != ARCHIVE_EOF)
		return xa_fail(err, "%s: %s", name, archive_error_string(a));
	return total || xa_fail(err, "%s: the file is empty", name);
}

/* Write an entry to dir/name, by way of dir/name.part. */
static bool save_entry(struct archive *a, const char *name, struct xa_err *err)
{
	char part[1100];
	FILE *out;
	bool good;

	snprintf(part, sizeof(part), "%s.part", name);
	out = fopen(part, "we");
	if (!out)
		return xa_fail(err, "%s: %s", part, strerror(errno));
	good = copy_entry(a, out, name, err);
	if (good && (fflush(out) || fsync(fileno(out))))
		good = xa_fail(err, "%s: %s", part, strerror(errno));
	if (fclose(out) && good)
		good = xa_fail(err, "%s: %s", part, strerror(errno));
	if (good && rename(part, name))
		good = xa_fail(err, "%s: %s", name, strerror(errno));
	if (!good)
		unlink(part);
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
static bool unpack_gz(FILE *f, const char *name, struct xa_err *err)
{
	struct archive *a = unpacker(f, true, err);
	struct archive_entry *entry;
	bool good = false;

	if (!a)
		return false;
	if (archive_read_next_header(a, &entry) != ARCHIVE_OK)
		xa_fail(err, "%s: %s", name, archive_error_string(a) ?
			archive_error_string(a) : "nothing in it");
	else if (archive_filter_code(a, 0) != ARCHIVE_FILTER_GZIP)
		xa_fail(err, "%s: what came is not compressed: no database", name);
	else
		good = save_entry(a, name, err);
	archive_read_free(a);
	return good;
}

/* dir/file of an archive, and nothing that leads elsewhere */
static bool safe_name(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash && slash != path && slash[1] && !strchr(slash + 1, '/') &&
	       *path != '.' && slash[1] != '.' && strlen(path) < 1000;
}

/* Folder of CSV files, as MaxMind packs it. */
static bool unpack_zip(FILE *f, struct xa_err *err)
{
	struct archive *a = unpacker(f, false, err);
	struct archive_entry *entry;
	bool good = a;
	int files = 0, e = ARCHIVE_EOF;

	while (good && (e = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry);
		char dir[1024];

		if (!path || archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (!safe_name(path)) {
			good = xa_fail(err, "the archive has a file of a strange name: refused");
			break;
		}
		snprintf(dir, sizeof(dir), "%.*s", (int)strcspn(path, "/"), path);
		if (mkdir(dir, 0777) && errno != EEXIST)
			good = xa_fail(err, "%s: %s", dir, strerror(errno));
		else
			good = save_entry(a, path, err);
		files++;
	}
	if (good && (e != ARCHIVE_EOF || !files))
		good = xa_fail(err, "the archive is damaged: %s",
			       archive_error_string(a) ? archive_error_string(a) : "nothing in it");
	archive_read_free(a);
	return good;
}

/* ---- the providers */

/* This month's file, or last month's as long as there is none yet. */
static bool download_dbip(const struct xa_download *dl, const struct options *o,
			  struct xa_err *err)
{
	const char *base = o->base ? o->base : "https://download.db-ip.com/free";
	time_t now = time(NULL);
	struct tm tm;
	char url[1024], name[64];
	long status = 0;
	FILE *f = NULL;
	int back;
	bool good;

	gmtime_r(&now, &tm);
	for (back = 0; back < 2 && !f; back++) {
		snprintf(url, sizeof(url), "%s/%s-%04d-%02d.csv.gz", base, dl->dbip,
			 tm.tm_year + 1900, tm.tm_mon + 1);
		status = fetch(url, &f, o->quiet, err);
		if (!status)
			return false;
		if (!f && status != 404)
			break;
		if (!tm.tm_mon--) {
			tm.tm_mon = 11;
			tm.tm_year--;
		}
	}
	if (!f)
		return xa_fail(err, "%s: the server says %ld", url, status);
	snprintf(name, sizeof(name), "%s.csv", dl->dbip);
	good = unpack_gz(f, name, err);
	fclose(f);
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
			     struct xa_err *err)
{
	char key[128], url[1024];
	long status;
	FILE *f;
	bool good;

	if (!read_key(o->keyfile, key, sizeof(key), err))
		return false;
	snprintf(url, sizeof(url), "%s?edition_id=%s&license_key=%s&suffix=zip",
		 o->base ? o->base : dl->base, dl->edition, key);
	status = fetch(url, &f, o->quiet, err);
	explicit_bzero(url, sizeof(url));
	explicit_bzero(key, sizeof(key));
	if (!status)
		return false;
	if (!f)
		return xa_fail(err, "%s: the server says %ld%s", dl->edition, status,
			       status == 401 ? ": it does not accept the licence key" : "");
	good = unpack_zip(f, err);
	fclose(f);
	return good;
}

int xa_dl_main(const struct xa_download *dl, int argc, char **argv)
{
	struct options o = { .dbip = !dl->edition };
	struct xa_err err;
	bool good;
	int c;

	while ((c = getopt_long(argc, argv, "u:qh", long_options, NULL)) != -1) {
		switch (c) {
		case 'u': o.base = optarg; break;
		case 'd': o.dbip = dl->dbip; break;
		case 'q': o.quiet = true; break;
		case 'h':
			usage(stdout, dl);
			return 0;
		default:
			usage(stderr, dl);
			return 2;
		}
	}
	if (argc - optind > !o.dbip) {
		usage(stderr, dl);
		return 2;
	}
	o.keyfile = argv[optind];
	curl_global_init(CURL_GLOBAL_DEFAULT);
	good = o.dbip ? download_dbip(dl, &o, &err) : download_maxmind(dl, &o, &err);
	curl_global_cleanup();
	if (!good)
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	return !good;
}
