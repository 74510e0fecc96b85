// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa-argv - runs a program with the words of a line
 *
 *	xa-argv PROGRAM [ARG...] LINE
 *
 * LINE is cut into words as iptables-restore does it: at blanks; "..." is one
 * word, in which a backslash takes the next character as it is. So a rule in a
 * .t file means the same whether it goes through iptables or iptables-restore.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Copies the word at @line to @word, which has room for all of @line.
 * Return: what follows the word, or NULL if there was none.
 */
static const char *next_word(const char *line, char *word)
{
	int quoted = 0;

	line += strspn(line, " \t\n");
	if (*line == '\0')
		return NULL;
	for (; *line != '\0'; line++) {
		if (quoted && *line == '\\' && line[1] != '\0') {
			*word++ = *++line;
		} else if (*line == '"') {
			if (quoted) {
				line++;
				break;
			}
			quoted = 1;
		} else if (!quoted && strchr(" \t\n", *line) != NULL) {
			break;
		} else {
			*word++ = *line;
		}
	}
	*word = '\0';
	return line;
}

int main(int argc, char **argv)
{
	const char *line = argv[argc - 1];
	size_t room = strlen(line) + 1, n;
	char **words, *word;

	if (argc < 3) {
		fprintf(stderr, "usage: xa-argv PROGRAM [ARG...] LINE\n");
		return 2;
	}
	words = calloc((size_t)argc + room, sizeof(*words));
	word = malloc(room);
	if (words == NULL || word == NULL)
		return 2;
	for (n = 0; n + 2 < (size_t)argc; n++)
		words[n] = argv[n + 1];
	while ((line = next_word(line, word)) != NULL) {
		words[n] = strdup(word);
		if (words[n++] == NULL)
			return 2;
	}
	execvp(words[0], words);
	perror(words[0]);
	return 127;
}
