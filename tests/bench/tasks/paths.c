#include <stdio.h>
#include <string.h>

/* What stands behind the last dot of a file's name; empty where there is none. */
const char *path_extension(const char *path)
{
    const char *dot = NULL;
    const char *p;

    for (p = path; *p != '\0'; p++) {
        if (*p == '.')
            dot = p;
        else if (*p == '/')
            dot = NULL;
    }
    return dot != NULL ? dot + 1 : "";
}

/* Write both parts with one slash between them; -1 where they do not fit. */
int path_join(char *out, size_t size, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    size_t i;

    while (length > 0 && folder[length - 1] == '/')
        length--;
    while (*name == '/')
        name++;
    if (length + 1 + strlen(name) + 1 > size)
        return -1;
    for (i = 0; i < length; i++)
        out[i] = folder[i];
    out[i++] = '/';
    while (*name != '\0')
        out[i++] = *name++;
    out[i] = '\0';
    return 0;
}

int path_depth(const char *path)
{
    int n = 0, in = 0;
    for (; *path; path++) {
        if (*path == '/')
            in = 0;
        else if (!in) {
            in = 1;
            n++;
        }
    }
    return n;
}
