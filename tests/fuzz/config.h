/* SPDX-License-Identifier: GPL-2.0-only */
/* config.h - what configure finds, for drivers of sources that ask for it */
#if __has_include("archive.h")
#define HAVE_LIBARCHIVE 1
#endif
#if __has_include("maxminddb.h")
#define HAVE_LIBMAXMINDDB 1
#endif
