// SQLite's interface, and the two of its macros and variadic functions that Swift cannot import.
#ifndef POINTCARD_CSQLITE_SHIM_H
#define POINTCARD_CSQLITE_SHIM_H
#include <sqlite3.h>

static inline sqlite3_destructor_type pointcard_sqlite_transient(void) { return SQLITE_TRANSIENT; }

#endif
