// SPDX-License-Identifier: GPL-2.0-only
/*
 * known - countries that every database knows, with ranges or without
 *
 * A rule for a country is right whatever a provider's list of this month has
 * of it, and other programs find a file for each.
 */
#include <stdio.h>

#include "tools.h"
#include "xa_iso3166.h"

/* What databases use beside the countries of ISO 3166-1. */
static const char others[] = "A1 A2 AP EU O1 XX";

static bool add(struct xa_db *db, const char *code, struct xa_err *err)
{
	return xa_db_add_label(db, (uint32_t)code[0] << 8 | code[1], err);
}

bool xa_known_add(struct xa_db *db, struct xa_err *err)
{
	const char *s;
	size_t i;

	if (db->kind != &xa_geoip)
		return true;
	for (i = 0; i < sizeof(xa_iso3166) / sizeof(*xa_iso3166); i++)
		if (xa_iso3166[i].number < XA_ISO3166_USER &&
		    !add(db, xa_iso3166[i].code, err))
			return false;
	for (s = others; ; s += 3) {
		if (!add(db, s, err))
			return false;
		if (!s[2])
			return true;
	}
}

/**
 * xa_known_print - the numbers of all countries, as definitions for nft
 * @f:    where to
 * @mask: field of the mark that they are in
 *
 * Return: whether @mask is a field that has room for them.
 */
bool xa_known_print(FILE *f, uint32_t mask)
{
	const unsigned int shift = mask ? __builtin_ctz(mask) : 0;
	const uint32_t most = mask >> shift;
	size_t i;

	if (most & (most + 1) || most >> (XA_ISO3166_BITS - 1) == 0)
		return false;

	fprintf(f, "# numbers of countries (ISO 3166-1, and 983 for XK), as GEOMARK puts them into the field 0x%x of a mark\n",
		mask);
	for (i = 0; i < sizeof(xa_iso3166) / sizeof(*xa_iso3166); i++)
		fprintf(f, "define %s = %u\n", xa_iso3166[i].code,
			(unsigned int)xa_iso3166[i].number << shift);
	return true;
}
