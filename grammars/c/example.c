#define LIMIT 3
#define TWICE(x) (2 * (x))
static int count = 0;
int plain(int x);
char *pointed(int x);
#ifdef POSIX
#include <unistd.h>
#endif
#if LIMIT > 1
#include "more.h"
#endif
union either {
  int a;
};
typedef struct pair pair_t;
int **far(void) {
  return 0;
}
#ifndef GREET_H
#define GREET_H
#include <stdio.h>
#include "greet.h"
#endif

#include <stdlib.h>

typedef struct greeter {
    char *name;
} greeter_t;

enum colour { RED };

/* Greets. */
static int greet(const greeter_t *self)
{
    if (self->name) {
        printf("hello %s%c\n", self->name, '!');
    } else {
        do {
        } while (0);
    }
    return 0;
}

greeter_t *make(void) {
    return NULL;
}
