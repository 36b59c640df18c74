// SQLite's interface, and those of its macros and variadic functions that Swift cannot import.
#ifndef POINTCARD_CSQLITE_SHIM_H
#define POINTCARD_CSQLITE_SHIM_H
#include <sqlite3.h>
#include <string.h>

// Whether two stretches of memory hold the same bytes.
static inline int pointcard_same_bytes(const void *a, const void *b, size_t count) {
  return memcmp(a, b, count) == 0;
}

#endif
