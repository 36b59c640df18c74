// SQLite's interface, and those of its macros and variadic functions that Swift cannot import.
#ifndef POINTCARD_CSQLITE_SHIM_H
#define POINTCARD_CSQLITE_SHIM_H
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies what is bound.
static inline int pointcard_bind_text(sqlite3_stmt *s, int i, const char *bytes, int count) {
  return sqlite3_bind_text(s, i, bytes, count, SQLITE_TRANSIENT);
}

static inline int pointcard_bind_blob(sqlite3_stmt *s, int i, const void *bytes, int count) {
  // a null pointer would bind NULL; an empty blob is a blob
  return count == 0 ? sqlite3_bind_zeroblob(s, i, 0)
                    : sqlite3_bind_blob(s, i, bytes, count, SQLITE_TRANSIENT);
}

#endif
