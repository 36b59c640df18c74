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
      member TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, phone TEXT,
      email TEXT, birthday TEXT, guardian TEXT, notice TEXT, joined_at INTEGER, place TEXT,
      form TEXT, deceased_at INTEGER, redeem_lock TEXT) STRICT, WITHOUT ROWID;
    CREATE INDEX member_phone ON member_index (phone) WHERE phone IS NOT NULL;
    CREATE INDEX member_name ON member_index (name);
    CREATE INDEX member_account ON member_index (account);

    CREATE TABLE card_number (
      number TEXT PRIMARY KEY, card TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;

    -- what the personal fields of a command were hashed with; erased with the member
    CREATE TABLE command_salt (
      key TEXT PRIMARY KEY, salt BLOB NOT NULL, member TEXT) STRICT, WITHOUT ROWID;
    -- the same for what names a member, or an account that is nobody's
    CREATE TABLE member_salt (whose TEXT PRIMARY KEY, salt BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX command_salt_member ON command_salt (member) WHERE member IS NOT NULL;

    -- free text about a person: beside the entries, never in them, erased with the member
    CREATE TABLE remark (
      id INTEGER PRIMARY KEY, entry TEXT, account TEXT NOT NULL, at INTEGER NOT NULL,
      actor TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE INDEX remark_account ON remark (account);

    -- notices to members that fell due and whether they were sent: the proof, in random ids
    CREATE TABLE service_notice (
      number INTEGER PRIMARY KEY AUTOINCREMENT, member TEXT NOT NULL, account TEXT NOT NULL,
      kind TEXT NOT NULL, ends INTEGER NOT NULL, stage INTEGER NOT NULL, points INTEGER NOT NULL,
      due_at INTEGER NOT NULL, sent_at INTEGER, channel TEXT,
      UNIQUE (member, kind, ends, stage, account)) STRICT;
    CREATE INDEX service_notice_account ON service_notice (account, ends);

    -- who did or saw what; survives the refusal of what was tried
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, till TEXT,
      route TEXT NOT NULL, code TEXT NOT NULL, whom TEXT, why TEXT, approver TEXT) STRICT;
    CREATE INDEX audit_whom ON audit (whom, at) WHERE whom IS NOT NULL;
    CREATE INDEX audit_at ON audit (at);

    -- wrong secrets by whom they were tried for; survives the refusal too
    CREATE TABLE attempt (
      subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL)
      STRICT, WITHOUT ROWID;

    CREATE TABLE sign_in (
      hash BLOB PRIMARY KEY, operator TEXT NOT NULL, till TEXT, made_at INTEGER NOT NULL,
      ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    -- commands that wait for a second person; they have changed nothing
    CREATE TABLE pending (
      id TEXT PRIMARY KEY, route TEXT NOT NULL, station TEXT, body TEXT NOT NULL,
      key TEXT NOT NULL, actor TEXT NOT NULL, till TEXT, account TEXT, size INTEGER NOT NULL,
      code TEXT NOT NULL UNIQUE, made_at INTEGER NOT NULL, code_ends INTEGER NOT NULL,
      lapses_at INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0, remark TEXT,
      unlocked TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
    """,
    """
    -- what cards are told by beside their stripes: the number of a chip, a bar code; where two
    -- nodes bound one to two cards, the later binding counts
    CREATE TABLE card_identifier (
      card TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, changed_at INTEGER NOT NULL,
      node TEXT NOT NULL, PRIMARY KEY (card, kind)) STRICT, WITHOUT ROWID;
    CREATE INDEX card_identifier_value ON card_identifier (value, kind);

    -- how many cards a station has worked on since it was cleaned
    CREATE TABLE station_care (
      station TEXT PRIMARY KEY, cards INTEGER NOT NULL, cleaned_at INTEGER,
      cleaned_by TEXT) STRICT, WITHOUT ROWID;
    """,
  ])
