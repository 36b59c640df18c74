import SQLiteStore

/// The ledger's tables. `entry` is the truth; everything under "caches" can be made again from it.
let ledgerSchema = Schema(
  component: "ledger",
  steps: [
    """
    CREATE TABLE node (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      node TEXT NOT NULL, store TEXT NOT NULL, epoch INTEGER NOT NULL,
      -- an entry of this node's epoch that it did not write: nothing more is written
      stopped_by TEXT,
      -- somebody said that the clock was right though it lay behind the journal: when it showed
      -- this, and the journal's last entry was recorded then
      clock_confirmed INTEGER, clock_journal INTEGER) STRICT;

    CREATE TABLE entry (
      id INTEGER PRIMARY KEY,
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      format INTEGER NOT NULL, hash BLOB NOT NULL,
      type TEXT NOT NULL, store TEXT NOT NULL, business_date TEXT NOT NULL,
      effective_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
      actor TEXT NOT NULL, approver TEXT, reason TEXT, key TEXT, body_hash BLOB,
      account TEXT, card TEXT, issue INTEGER, names TEXT, rules INTEGER,
      points INTEGER NOT NULL, quantity INTEGER, count INTEGER, carry INTEGER,
      starts INTEGER, ends INTEGER,
      detail TEXT NOT NULL,
      UNIQUE (node, epoch, seq),
      CHECK (length(hash) = 32), CHECK ((key IS NULL) = (body_hash IS NULL))) STRICT;
    CREATE UNIQUE INDEX entry_key ON entry (key, node, epoch) WHERE key IS NOT NULL;
    CREATE INDEX entry_account ON entry (account, effective_at) WHERE account IS NOT NULL;
    CREATE INDEX entry_card ON entry (card) WHERE card IS NOT NULL;
    CREATE INDEX entry_adjust ON entry (store, reason, effective_at) WHERE type = 'ADJUST';
    CREATE INDEX entry_due ON entry (account, reason) WHERE type = 'REWARD_DUE';
    CREATE INDEX entry_given ON entry (account, reason) WHERE type = 'REWARD_GIVEN';
    CREATE INDEX entry_given_at ON entry (store, reason) WHERE type = 'REWARD_GIVEN';
    CREATE INDEX entry_sync ON entry (node, epoch, seq) WHERE type = 'SYNC';
    CREATE INDEX entry_offline ON entry (store, business_date)
      WHERE type = 'REDEEM' AND reason = 'offline';
    CREATE INDEX entry_hand ON entry (actor, recorded_at)
      WHERE type IN ('ADJUST', 'OPENING') AND approver IS NULL;
    CREATE INDEX entry_names ON entry (names) WHERE names IS NOT NULL;
    CREATE INDEX entry_merge ON entry (account) WHERE type = 'MERGE';
    CREATE INDEX entry_merged ON entry (reason) WHERE type = 'MERGE';
    CREATE INDEX entry_once ON entry (detail ->> 'once')
      WHERE type IN ('AWARD_BONUS', 'REWARD_DUE');
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

    -- entries that a later program wrote: kept as they came, and relayed
    CREATE TABLE unknown_entry (
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
      type TEXT NOT NULL, account TEXT, edition INTEGER NOT NULL, text BLOB NOT NULL,
      PRIMARY KEY (node, epoch, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX unknown_entry_account ON unknown_entry (account) WHERE account IS NOT NULL;

    -- caches

    CREATE TABLE journal (
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      hash BLOB NOT NULL, recorded_at INTEGER NOT NULL,
      -- of a foreign journal: the latest instant at which one of its entries takes effect
      last_effective INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (node, epoch)) STRICT, WITHOUT ROWID;

    -- what the command whose first entry this is was answered
    CREATE TABLE answer (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), answer TEXT NOT NULL) STRICT;

    CREATE TABLE account (
      account TEXT PRIMARY KEY, programme TEXT NOT NULL,
      posted INTEGER NOT NULL DEFAULT 0,
      deficit INTEGER NOT NULL DEFAULT 0 CHECK (deficit >= 0),
      changes INTEGER NOT NULL DEFAULT 0,
      last_effective INTEGER, last_entry TEXT,
      tier_level INTEGER NOT NULL DEFAULT 0, tier_code TEXT,
      tier_start INTEGER NOT NULL DEFAULT 0,
      tier_end INTEGER, override_code TEXT, override_until INTEGER,
      active_until INTEGER, carry INTEGER NOT NULL DEFAULT 0,
      -- the account whose fold holds this one's entries too
      merged_into TEXT REFERENCES account (account)) STRICT, WITHOUT ROWID;
    CREATE INDEX account_merged ON account (merged_into) WHERE merged_into IS NOT NULL;

    CREATE TABLE programme_account (
      programme TEXT PRIMARY KEY, posted INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE lot (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), account TEXT NOT NULL,
      effective_at INTEGER NOT NULL,
      node TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
      -- not_before: of a lot that lives by activity, until when it lives at least
      starts INTEGER NOT NULL, ends INTEGER NOT NULL, not_before INTEGER,
      original INTEGER NOT NULL,
      remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND original)) STRICT;
    -- in the order in which lots are used; with what a balance is made of, so that it is summed
    -- without a look at each lot, which lie all over a large file
    CREATE INDEX lot_left
      ON lot (account, ends, effective_at, node, epoch, seq, starts, remaining)
      WHERE remaining > 0;
    CREATE INDEX lot_account ON lot (account);

    CREATE TABLE hold (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), account TEXT NOT NULL,
      points INTEGER NOT NULL CHECK (points >= 0), until INTEGER NOT NULL) STRICT;
    CREATE INDEX hold_account ON hold (account, until);

    CREATE TABLE lot_use (
      redeem INTEGER NOT NULL REFERENCES entry (id), ordinal INTEGER NOT NULL,
      lot INTEGER REFERENCES lot (entry), points INTEGER NOT NULL,
      restored INTEGER NOT NULL CHECK (restored BETWEEN 0 AND points),
      PRIMARY KEY (redeem, ordinal)) STRICT, WITHOUT ROWID;

    CREATE INDEX lot_use_uncovered ON lot_use (redeem) WHERE lot IS NULL;

    CREATE TABLE measure_day (
      account TEXT NOT NULL, day TEXT NOT NULL,
      spend INTEGER NOT NULL, visits INTEGER NOT NULL, points INTEGER NOT NULL,
      PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;

    CREATE TABLE reversal (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      reversed INTEGER NOT NULL CHECK (reversed >= 0)) STRICT;

    CREATE TABLE ticket (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      -- node and epoch: two journals that hold the same ticket are a finding, one is a bug
      journal TEXT NOT NULL, store TEXT NOT NULL, terminal TEXT NOT NULL,
      business_date TEXT NOT NULL, number TEXT NOT NULL, revision INTEGER NOT NULL,
      role TEXT NOT NULL, part INTEGER NOT NULL, account TEXT, sold_at INTEGER NOT NULL,
      amount INTEGER NOT NULL, paid INTEGER NOT NULL, basis INTEGER NOT NULL,
      award INTEGER REFERENCES entry (id), redeem INTEGER REFERENCES entry (id),
      returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
      returned_basis INTEGER NOT NULL DEFAULT 0 CHECK (returned_basis >= 0),
      state TEXT NOT NULL DEFAULT 'closed'
        CHECK (state IN ('closed', 'returned', 'voided', 'corrected', 'reversal')),
      -- the fields that make it one, where the programme does not count all of them
      identity TEXT,
      UNIQUE (store, terminal, business_date, number, revision, role, part, journal)) STRICT;
    CREATE UNIQUE INDEX ticket_identity ON ticket (store, identity, role, journal)
      WHERE identity IS NOT NULL;
    CREATE INDEX ticket_over ON ticket (entry) WHERE returned > amount;
    CREATE INDEX ticket_account ON ticket (account, sold_at)
      WHERE account IS NOT NULL AND role = 'sale';
    CREATE INDEX ticket_number ON ticket (number);

    -- returns that were accepted from a receipt, with what it says; sale: once it has arrived
    CREATE TABLE open_return (
      entry INTEGER PRIMARY KEY REFERENCES ticket (entry),
      store TEXT NOT NULL, terminal TEXT NOT NULL, business_date TEXT NOT NULL,
      number TEXT NOT NULL, revision INTEGER NOT NULL, part INTEGER NOT NULL,
      sold_at INTEGER NOT NULL, amount INTEGER NOT NULL, earned INTEGER NOT NULL,
      redeemed INTEGER NOT NULL, taken INTEGER NOT NULL, given INTEGER NOT NULL,
      sale INTEGER REFERENCES ticket (entry)) STRICT;
    CREATE INDEX open_return_number ON open_return (store, number);
    CREATE INDEX open_return_sale ON open_return (sale) WHERE sale IS NOT NULL;

    -- article lines: kept for a stated time only; the entry holds their digest
    CREATE TABLE ticket_line (
      ticket INTEGER NOT NULL REFERENCES ticket (entry), ordinal INTEGER NOT NULL,
      kind TEXT NOT NULL, article TEXT NOT NULL, category TEXT NOT NULL, class TEXT,
      quantity INTEGER NOT NULL, list INTEGER NOT NULL, amount INTEGER NOT NULL,
      counted INTEGER NOT NULL,
      returned INTEGER NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND amount),
      PRIMARY KEY (ticket, ordinal)) STRICT, WITHOUT ROWID;

    CREATE TABLE card (
      card TEXT PRIMARY KEY, account TEXT NOT NULL, holder TEXT, blocked TEXT)
      STRICT, WITHOUT ROWID;
    CREATE INDEX card_account ON card (account);

    CREATE TABLE card_issue (
      card TEXT NOT NULL REFERENCES card (card), issue INTEGER NOT NULL,
      state TEXT NOT NULL, ended TEXT, highest_ctc INTEGER NOT NULL DEFAULT 0,
      seen_ctc INTEGER NOT NULL DEFAULT 0, proven TEXT,
      rewrites INTEGER NOT NULL DEFAULT 0,
      face_version INTEGER NOT NULL DEFAULT 0,
      printed_changes INTEGER, printed_at INTEGER, failed TEXT,
      design TEXT, at_use INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (card, issue)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX card_issue_active ON card_issue (card) WHERE state = 'active';

    CREATE TABLE stock (
      store TEXT NOT NULL, design TEXT NOT NULL, quantity INTEGER NOT NULL,
      PRIMARY KEY (store, design)) STRICT, WITHOUT ROWID;

    CREATE TABLE number_range (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), store TEXT NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;

    CREATE TABLE stripe_write (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      card TEXT NOT NULL, issue INTEGER NOT NULL, ctc INTEGER NOT NULL,
      -- the record it was written over; unread: it could not be read and is taken from the ledger
      read_digest TEXT, unread INTEGER NOT NULL, written_digest TEXT NOT NULL,
      -- whether that record was none that was known here
      lacks INTEGER NOT NULL, changes INTEGER NOT NULL,
      -- 1: the stripe was read to carry it; 2: so the face shows it too
      proven INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX stripe_write_written ON stripe_write (card, issue, written_digest);
    CREATE INDEX stripe_write_read ON stripe_write (card, issue, read_digest);
    CREATE INDEX stripe_write_unread ON stripe_write (card, issue) WHERE unread = 1;
    CREATE INDEX stripe_write_lacks ON stripe_write (card, issue) WHERE lacks = 1;

    -- a provisional card turned out to be one that another node had issued
    CREATE TABLE card_link (
      provisional TEXT PRIMARY KEY, card TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX card_link_card ON card_link (card);

    CREATE TABLE card_alarm (
      entry INTEGER PRIMARY KEY REFERENCES entry (id), card TEXT NOT NULL,
      issue INTEGER NOT NULL, verdict TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE INDEX card_alarm_at ON card_alarm (at);

    CREATE TABLE face_job (
      entry INTEGER PRIMARY KEY REFERENCES entry (id),
      card TEXT NOT NULL, issue INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT) STRICT;
    CREATE INDEX face_job_open ON face_job (card, issue) WHERE state = 'queued';

    -- what the ledger came to at the end of each business day: a note, made of the entries up to
    -- its row, behind which checks may begin
    CREATE TABLE checkpoint (
      day TEXT PRIMARY KEY, at INTEGER NOT NULL, row INTEGER NOT NULL,
      head TEXT, hash BLOB NOT NULL, entries INTEGER NOT NULL, accounts INTEGER NOT NULL,
      posted INTEGER NOT NULL, remaining INTEGER NOT NULL, deficit INTEGER NOT NULL,
      passed INTEGER NOT NULL, alarms TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE finding (
      kind TEXT NOT NULL, subject TEXT NOT NULL, entry TEXT NOT NULL,
      PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;
    """,
    """
    -- a record is looked up by its digest alone where its card's number is not known
    DROP INDEX stripe_write_written;
    CREATE INDEX stripe_write_written ON stripe_write (written_digest, card, issue);
    CREATE INDEX entry_provisional ON entry (account)
      WHERE type = 'ACCOUNT' AND reason = 'provisional';
    """,
  ])
