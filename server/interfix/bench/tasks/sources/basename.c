// From musl (Rich Felker and others), src/misc/basename.c. Licence: MIT. Unchanged but for this line, without its alias.
#include <string.h>
#include <libgen.h>

char *basename(char *s)
{
	size_t i;
	if (!s || !*s) return ".";
	i = strlen(s)-1;
	for (; i&&s[i]=='/'; i--) s[i] = 0;
	for (; i&&s[i-1]!='/'; i--);
	return s+i;
}

