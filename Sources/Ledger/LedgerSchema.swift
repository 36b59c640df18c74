import SQLiteStore

/// The ledger's tables. `entry` is the truth; everything under "caches" can be made again from it.
let ledgerSchema = Schema(
  component: "ledger",
  steps: [
    """
    CREATE TABLE node (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      node TEXT NOT NULL, store TEXT NOT NULL, epoch INTEGER NOT NULL) STRICT;

    CREATE TABLE entry (
      id INTEGER PRIMARY KEY,
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      format INTEGER NOT NULL, hash BLOB NOT NULL,
      type TEXT NOT NULL, store TEXT NOT NULL, business_date TEXT NOT NULL,
      effective_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
      actor TEXT NOT NULL, approver TEXT, reason TEXT, key TEXT, body_hash BLOB,
      account TEXT, card TEXT, issue INTEGER, names TEXT, rules INTEGER,
      points INTEGER NOT NULL, quantity INTEGER, starts INTEGER, ends INTEGER,
      detail TEXT NOT NULL,
      UNIQUE (node, epoch, seq),
      CHECK (length(hash) = 32), CHECK ((key IS NULL) = (body_hash IS NULL))) STRICT;
    CREATE UNIQUE INDEX entry_key ON entry (node, key) WHERE key IS NOT NULL;
    CREATE INDEX entry_account ON entry (account, effective_at) WHERE account IS NOT NULL;
    CREATE INDEX entry_card ON entry (card) WHERE card IS NOT NULL;
    CREATE INDEX entry_adjust ON entry (store, reason, effective_at) WHERE type = 'ADJUST';
    CREATE INDEX entry_names ON entry (names) WHERE names IS NOT NULL;
    CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
    CREATE TRIGGER entry_remains BEFORE DELETE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

    CREATE TABLE rule_version (
      number INTEGER PRIMARY KEY, programme TEXT NOT NULL, begins INTEGER NOT NULL,
      digest BLOB NOT NULL, source TEXT NOT NULL) STRICT;
    CREATE TRIGGER rule_version_stays BEFORE UPDATE ON rule_version
      BEGIN SELECT RAISE(ABORT, 'a rule version is never changed'); END;
    CREATE TRIGGER rule_version_remains BEFORE DELETE ON rule_version
      BEGIN SELECT RAISE(ABORT, 'a rule version is never deleted'); END;

    -- caches

    CREATE TABLE journal (
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      hash BLOB NOT NULL, recorded_at INTEGER NOT NULL,
      PRIMARY KEY (node, epoch)) STRICT, WITHOUT ROWID;

    CREATE TABLE answer (
      key TEXT PRIMARY KEY, body_hash BLOB NOT NULL, answer TEXT NOT NULL)
      STRICT, WITHOUT ROWID;

    CREATE TABLE account (
      account TEXT PRIMARY KEY, programme TEXT NOT NULL,
      posted INTEGER NOT NULL DEFAULT 0,
      deficit INTEGER NOT NULL DEFAULT 0 CHECK (deficit >= 0),
      changes INTEGER NOT NULL DEFAULT 0,
      last_effective INTEGER, last_entry TEXT,
      tier_level INTEGER NOT NULL DEFAULT 0, tier_start INTEGER NOT NULL DEFAULT 0,
      tier_end INTEGER) STRICT, WITHOUT ROWID;

    CREATE TABLE programme_account (
      programme TEXT PRIMARY KEY, posted INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE lot (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), account TEXT NOT NULL,
      starts INTEGER NOT NULL, ends INTEGER NOT NULL, original INTEGER NOT NULL,
      remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND original)) STRICT;
    CREATE INDEX lot_left ON lot (account, ends) WHERE remaining > 0;

    CREATE TABLE lot_use (
      redeem INTEGER NOT NULL REFERENCES entry (id), ordinal INTEGER NOT NULL,
      lot INTEGER REFERENCES lot (entry), points INTEGER NOT NULL,
      restored INTEGER NOT NULL CHECK (restored BETWEEN 0 AND points),
      PRIMARY KEY (redeem, ordinal)) STRICT, WITHOUT ROWID;

    CREATE TABLE spend_day (
      account TEXT NOT NULL, day TEXT NOT NULL, amount INTEGER NOT NULL,
      PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;

    CREATE TABLE reversal (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      reversed INTEGER NOT NULL CHECK (reversed >= 0)) STRICT;

    CREATE TABLE ticket (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      store TEXT NOT NULL, terminal TEXT NOT NULL, business_date TEXT NOT NULL,
      number TEXT NOT NULL, revision INTEGER NOT NULL, role TEXT NOT NULL,
      part INTEGER NOT NULL, account TEXT, sold_at INTEGER NOT NULL,
      amount INTEGER NOT NULL, paid INTEGER NOT NULL,
      award INTEGER REFERENCES entry (id), redeem INTEGER REFERENCES entry (id),
      returned INTEGER NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND amount),
      closed INTEGER NOT NULL DEFAULT 0,
      UNIQUE (store, terminal, business_date, number, revision, role, part)) STRICT;
    CREATE INDEX ticket_account ON ticket (account, sold_at)
      WHERE account IS NOT NULL AND role = 'sale';

    CREATE TABLE card (
      card TEXT PRIMARY KEY, account TEXT NOT NULL, holder TEXT) STRICT, WITHOUT ROWID;
    CREATE INDEX card_account ON card (account);

    CREATE TABLE card_issue (
      card TEXT NOT NULL REFERENCES card (card), issue INTEGER NOT NULL,
      state TEXT NOT NULL, ended TEXT, highest_ctc INTEGER NOT NULL DEFAULT 0,
      proven TEXT, rewrites INTEGER NOT NULL DEFAULT 0,
      face_version INTEGER NOT NULL DEFAULT 0,
      printed_changes INTEGER, printed_at INTEGER, failed TEXT,
      PRIMARY KEY (card, issue)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX card_issue_active ON card_issue (card) WHERE state = 'active';

    CREATE TABLE stripe_write (
      card TEXT NOT NULL, issue INTEGER NOT NULL, ctc INTEGER NOT NULL,
      entry INTEGER NOT NULL REFERENCES entry (id),
      read_digest TEXT, written_digest TEXT NOT NULL, changes INTEGER NOT NULL,
      proven INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (card, issue, ctc)) STRICT, WITHOUT ROWID;

    CREATE TABLE face_job (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      card TEXT NOT NULL, issue INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT) STRICT;
    CREATE INDEX face_job_open ON face_job (card, issue) WHERE state = 'queued';
    """
  ])
