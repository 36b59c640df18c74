extension LedgerCheck {
  /// Queries whose every row is an offence, told in its first column; none for a check that walks
  /// through the entries itself.
  var queries: [String] {
    switch self {
    case .postings: LedgerCheck.postingsQueries
    case .balances: LedgerCheck.balancesQueries
    case .lots: LedgerCheck.lotsQueries
    case .identities: LedgerCheck.identitiesQueries
    case .reversals: LedgerCheck.reversalsQueries
    case .redemptions: LedgerCheck.redemptionsQueries
    case .cards: LedgerCheck.cardsQueries
    case .faces: LedgerCheck.facesQueries
    case .fold, .chains, .triggers, .storage: []
    }
  }

  /// The types of entries that move points.
  private static let posting =
    "("
    + EntryType.allCases.filter(\.movesPoints).map { "'\($0.rawValue)'" }.joined(separator: ",")
    + ")"

  private static let postingsQueries = [
    """
    SELECT 'programme ' || p.programme || ': accounts ' || total || ', programme ' || p.posted
    FROM programme_account p JOIN
      (SELECT programme, sum(posted) AS total FROM account GROUP BY programme) a
      ON a.programme = p.programme
    WHERE total + p.posted <> 0
    """,
    """
    SELECT 'programme ' || programme || ': ' || posted FROM programme_account
    WHERE posted <> (SELECT -coalesce(sum(points), 0) FROM entry WHERE type IN \(posting))
    """,
    """
    SELECT node || '.' || epoch || '.' || seq || ': ' || type FROM entry
    WHERE (points <> 0) AND (type NOT IN \(posting) OR account IS NULL)
    """,
  ]

  private static let balancesQueries = [
    // the entries of an account that was merged count for the one it was merged into
    """
    WITH RECURSIVE holder (account, root) AS (
      SELECT account, account FROM account WHERE merged_into IS NULL
      UNION ALL SELECT a.account, h.root FROM account a JOIN holder h
        ON a.merged_into = h.account)
    SELECT 'account ' || a.account || ': cached ' || a.posted || ', postings '
      || coalesce(e.total, 0)
    FROM account a LEFT JOIN (SELECT h.root, sum(points) AS total FROM entry
      JOIN holder h ON h.account = entry.account GROUP BY h.root) e ON e.root = a.account
    WHERE a.posted <> coalesce(e.total, 0)
    """,
    """
    SELECT 'account ' || a.account || ': cached ' || a.posted || ', lots '
      || coalesce(l.total, 0) || ', deficit ' || a.deficit
    FROM account a LEFT JOIN (SELECT account, sum(remaining) AS total FROM lot
      GROUP BY account) l ON l.account = a.account
    WHERE a.posted <> coalesce(l.total, 0) - a.deficit
    """,
  ]

  private static let lotsQueries = [
    """
    SELECT 'lot of entry ' || entry || ': ' || remaining || ' of ' || original FROM lot
    WHERE remaining NOT BETWEEN 0 AND original
    """
  ]

  private static let identitiesQueries = [
    """
    SELECT node || ' key ' || key FROM entry WHERE key IS NOT NULL
    GROUP BY node, epoch, key HAVING count(*) > 1
    """,
    """
    SELECT 'ticket ' || store || ' ' || terminal || ' ' || business_date || ' ' || number
    FROM ticket GROUP BY store, terminal, business_date, number, revision, role, part, journal
    HAVING count(*) > 1
    """,
    """
    SELECT node || '.' || epoch || '.' || seq || ': a ticket without its row'
    FROM entry e WHERE type = 'TICKET' AND NOT EXISTS
      (SELECT 1 FROM ticket t WHERE t.entry = e.id)
    """,
    "SELECT 'key ' || key FROM answer WHERE key NOT IN "
      + "(SELECT key FROM entry WHERE key IS NOT NULL)",
  ]

  private static let reversalsQueries = [
    """
    SELECT o.node || '.' || o.epoch || '.' || o.seq || ': ' || sum(r.quantity) || ' of '
      || abs(o.points)
    FROM entry r JOIN entry o ON r.names = o.node || '.' || o.epoch || '.' || o.seq
    WHERE r.type IN ('AWARD_REFUND', 'REDEEM_REFUND')
    GROUP BY o.id HAVING sum(r.quantity) > abs(o.points)
      AND count(DISTINCT r.node || '.' || r.epoch) = 1
    """,
    """
    SELECT node || '.' || epoch || '.' || seq || ': names nothing' FROM entry
    WHERE type IN ('AWARD_REFUND', 'REDEEM_REFUND') AND names IS NULL
    """,
  ]

  private static let redemptionsQueries = [
    """
    SELECT e.node || '.' || e.epoch || '.' || e.seq || ': ' || u.points || ' uncovered'
    FROM lot_use u JOIN entry e ON e.id = u.redeem WHERE u.lot IS NULL
      AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.account = e.account
        AND ((o.node, o.epoch) <> (e.node, e.epoch)
          -- decided rightly: what came later lies before it, or took away what was merged
          OR (o.id > e.id AND (o.effective_at <= e.effective_at OR o.type = 'UNMERGE'))))
    """,
    """
    SELECT 'redeem entry ' || u.redeem || ': ' || sum(u.points) || ' of ' || -e.points
    FROM lot_use u JOIN entry e ON e.id = u.redeem GROUP BY u.redeem
    HAVING sum(u.points) <> -e.points
    """,
  ]

  private static let cardsQueries = [
    """
    SELECT 'card ' || card || ': ' || count(*) || ' active issues' FROM card_issue
    WHERE state = 'active' GROUP BY card HAVING count(*) > 1
    """,
    """
    SELECT 'card ' || i.card || ' issue ' || i.issue || ': without an ISSUE entry'
    FROM card_issue i WHERE NOT EXISTS (SELECT 1 FROM entry e
      WHERE e.card IN \(sameCard) AND e.issue = i.issue AND (e.type = 'ISSUE'
        OR (e.type = 'OBSERVE' AND e.detail LIKE '%"opens":true%')))
    """,
  ]

  /// A card and the provisional ones that turned out to be it.
  private static let sameCard =
    "(SELECT i.card UNION ALL SELECT provisional FROM card_link l WHERE l.card = i.card)"

  private static let facesQueries = [
    """
    SELECT 'card ' || i.card || ' issue ' || i.issue || ': version ' || i.face_version
      || ', proven ' || count(w.id)
    FROM card_issue i LEFT JOIN entry w ON w.card IN \(sameCard) AND w.issue = i.issue
      AND w.type = 'ENCODE'
      AND (EXISTS (SELECT 1 FROM entry p WHERE p.type = 'FACE_PRINTED'
          AND p.names = w.node || '.' || w.epoch || '.' || w.seq)
        OR EXISTS (SELECT 1 FROM entry o WHERE o.card IN \(sameCard) AND o.issue = w.issue
          AND o.type = 'OBSERVE' AND o.detail LIKE '%"provesFace":true%'
          AND o.detail ->> 'digest' = w.detail ->> 'to'))
    GROUP BY i.card, i.issue HAVING i.face_version <> count(w.id)
    """
  ]
}
