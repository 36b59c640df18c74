import SQLiteStore

/// The registers' tables: versioned rows of what is not points, and their look-up indexes.
package let registerSchema = Schema(
  component: "registers",
  steps: [
    """
    CREATE TABLE register_row (
      kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, node TEXT NOT NULL,
      changed_at INTEGER NOT NULL, content TEXT, erased INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (kind, id, version, node),
      CHECK (erased = 1 OR content IS NOT NULL)) STRICT, WITHOUT ROWID;

    CREATE TABLE member_index (
      member TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, phone TEXT)
      STRICT, WITHOUT ROWID;
    CREATE INDEX member_phone ON member_index (phone) WHERE phone IS NOT NULL;
    CREATE INDEX member_name ON member_index (name);
    CREATE INDEX member_account ON member_index (account);

    CREATE TABLE card_number (
      number TEXT PRIMARY KEY, card TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;

    -- what the personal fields of a command were hashed with; erased with the member
    CREATE TABLE command_salt (
      key TEXT PRIMARY KEY, salt BLOB NOT NULL, member TEXT) STRICT, WITHOUT ROWID;

    -- who did or saw what; survives the refusal of what was tried
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL,
      whom TEXT, outcome TEXT NOT NULL) STRICT;
    """
  ])
