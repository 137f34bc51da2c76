#include <stddef.h>
#include <string.h>

/* Bytes on their way from a writer to a reader of the same thread. */
struct ring {
    unsigned char data[8];
    size_t head;
    size_t count;
};

size_t ring_write(struct ring *ring, const unsigned char *bytes, size_t length)
{
    size_t written = 0;

    while (written < length) {
        size_t at = (ring->head + ring->count) % sizeof ring->data;

        ring->data[at] = bytes[written];
        ring->count++;
        written++;
    }
    return written;
}

int ring_read(struct ring *ring)
{
    int byte;

    if (ring->count == 0)
        return -1;
    byte = ring->data[ring->head];
    ring->head = (ring->head + 1) % sizeof ring->data;
    ring->count--;
    return byte;
}

size_t ring_find(const struct ring *ring, unsigned char wanted)
{
    size_t i = 0;
    size_t found = (size_t)-1;

    while (i < ring->count) {
        if (ring->data[(ring->head + i) % sizeof ring->data] == wanted) {
            found = i;
            break;
        }
        i++;
    }
    return found;
}
