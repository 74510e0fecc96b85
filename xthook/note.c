// SPDX-License-Identifier: GPL-2.0-only
/*
 * note - the text that the kernel keeps with a rule
 *
 * Lines: "#..." a comment above the rule, "NAME VALUE/MASK" a name that it uses.
 */
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

static void check_comment(const char *comment)
{
	char *line, *next, *copy = strdup(comment);

	if (!copy)
		die(STATUS_FAILED, "no memory");
	for (next = copy; (line = strsep(&next, "\n"));)
		if (text_control(line))
			die(STATUS_USAGE, "the comment above has a control character");
	free(copy);
}

/* note_make - of comment lines, each with its line end, and names; NULL: none */
char *note_make(const char *comment, const struct name_list *used)
{
	size_t len = comment ? strlen(comment) : 0;
	char note[NOTE_MAX + 1], value[32];
	const struct name *n;

	if (len > NOTE_MAX)
		die(STATUS_USAGE,
		    "the comment above is longer than %d bytes: an empty line below it leaves it out",
		    NOTE_MAX);
	check_comment(comment ? comment : "");
	memcpy(note, comment ? comment : "", len + 1);
	for (n = used->first; n; n = n->next) {
		len += snprintf(note + len, sizeof(note) - len, "%s %s\n", n->name,
				name_value(n, value));
		if (len > NOTE_MAX)
			die(STATUS_USAGE, "the comment above and the names of the rule are longer than %d bytes",
			    NOTE_MAX);
	}
	return len ? mem_text(note, len) : NULL;
}

/*
 * note_names - add the names in a note to a list
 *
 * Anybody may have written the note: what is no name there is passed over.
 * Return: false if one has another value in the list.
 */
bool note_names(const char *note, struct name_list *list)
{
	const char *line, *end, *blank;
	char name[NAME_LEN], value[32];
	bool same = true;

	for (line = note; line && (end = strchr(line, '\n')); line = end + 1) {
		blank = memchr(line, ' ', end - line);
		if (*line == '#' || !blank || !name_valid(line, blank - line))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(blank - line), line);
		snprintf(value, sizeof(value), "%.*s", (int)(end - blank - 1), blank + 1);
		if (name_add(list, name, value) && name_find(list, name, strlen(name)))
			same = false;
	}
	return same;
}

void note_print_comment(FILE *to, const char *note)
{
	const char *line, *end;

	for (line = note; line && (end = strchr(line, '\n')); line = end + 1)
		if (*line == '#')
			fprintf(to, "%s\n", text_shown(mem_text(line, end - line)));
}
