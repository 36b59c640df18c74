/// Queries whose every row is an offence, told in its first column; none for a check that walks
/// through the entries itself.
///
/// `?1` is the row of the last entry that need not be looked at, 0 for none: what only entries
/// behind it can have broken is asked of those alone. Accounts to be looked at stand in the
/// temporary table `checked`, each root with the accounts that were merged into it.
extension LedgerCheck {
  var queries: [String] {
    switch self {
    case .postings: LedgerCheck.postingsQueries
    case .balances: LedgerCheck.balancesQueries
    case .lots: LedgerCheck.lotsQueries
    case .identities: LedgerCheck.identitiesQueries
    case .redemptions: LedgerCheck.redemptionsQueries
    case .occasions: LedgerCheck.occasionsQueries
    case .writes: LedgerCheck.writesQueries
    case .carried: LedgerCheck.carriedQueries
    case .persons: LedgerCheck.personsQueries
    case .cards: LedgerCheck.cardsQueries
    case .faces: LedgerCheck.facesQueries
    case .chains: LedgerCheck.formatQueries
    case .fold, .reversals, .triggers, .storage, .swipes, .hands, .own, .notices, .erased: []
    }
  }

  /// The types of entries that move points.
  private static let posting =
    "("
    + EntryType.allCases.filter(\.movesPoints).map { "'\($0.rawValue)'" }.joined(separator: ",")
    + ")"

  private static let name = "node || '.' || epoch || '.' || seq"
  /// Cards that entries behind the row speak of.
  private static let cardsSince =
    "(?1 = 0 OR i.card IN (SELECT card FROM entry WHERE id > ?1 AND card IS NOT NULL))"

  private static let postingsQueries = [
    """
    SELECT 'programme ' || p.programme || ': accounts ' || total || ', programme ' || p.posted
    FROM programme_account p JOIN
      (SELECT programme, sum(posted) AS total FROM account GROUP BY programme) a
      ON a.programme = p.programme
    WHERE total + p.posted <> 0 AND ?1 >= 0
    """,
    """
    SELECT 'programme ' || programme || ': ' || posted FROM programme_account
    WHERE posted <> coalesce((SELECT posted FROM checkpoint WHERE row = ?1), 0)
      - (SELECT coalesce(sum(points), 0) FROM entry WHERE id > ?1 AND type IN \(posting))
    """,
    """
    SELECT \(name) || ': ' || type FROM entry
    WHERE id > ?1 AND points <> 0 AND (type NOT IN \(posting) OR account IS NULL)
    """,
  ]

  private static let balancesQueries = [
    // the entries of an account that was merged count for the one it was merged into
    """
    SELECT 'account ' || a.account || ': cached ' || a.posted || ', postings ' || t.total
    FROM (SELECT m.root, coalesce(sum(e.points), 0) AS total
      FROM temp.checked m LEFT JOIN entry e ON e.account = m.account GROUP BY m.root) t
      JOIN account a ON a.account = t.root
    WHERE a.posted <> t.total AND ?1 >= 0
    """,
    """
    SELECT 'account ' || a.account || ': cached ' || a.posted || ', lots ' || t.total
      || ', deficit ' || a.deficit
    FROM (SELECT m.root, coalesce(sum(l.remaining), 0) AS total
      FROM temp.checked m LEFT JOIN lot l ON l.account = m.account GROUP BY m.root) t
      JOIN account a ON a.account = t.root
    WHERE a.posted <> t.total - a.deficit AND ?1 >= 0
    """,
    """
    SELECT 'account ' || account || ': merged, and holds ' || posted FROM account
    WHERE merged_into IS NOT NULL AND posted <> 0 AND ?1 >= 0
    """,
  ]

  private static let lotsQueries = [
    """
    SELECT 'lot of entry ' || l.entry || ': ' || l.remaining || ' of ' || l.original
    FROM temp.checked m JOIN lot l ON l.account = m.account
    WHERE l.remaining NOT BETWEEN 0 AND l.original AND ?1 >= 0
    """
  ]

  private static let identitiesQueries = [
    """
    SELECT node || ' key ' || key FROM entry WHERE key IS NOT NULL AND id > ?1
    GROUP BY key, node, epoch HAVING count(*) > 1
    """,
    """
    SELECT 'ticket ' || store || ' ' || terminal || ' ' || business_date || ' ' || number
    FROM ticket WHERE entry > ?1
    GROUP BY store, terminal, business_date, number, revision, role, part, journal
    HAVING count(*) > 1
    """,
    """
    SELECT 'ticket ' || store || ' ' || identity FROM ticket
    WHERE entry > ?1 AND identity IS NOT NULL
    GROUP BY store, identity, role, journal HAVING count(*) > 1
    """,
    """
    SELECT \(name) || ': a ticket without its row'
    FROM entry e WHERE id > ?1 AND type = 'TICKET' AND NOT EXISTS
      (SELECT 1 FROM ticket t WHERE t.entry = e.id)
    """,
    """
    SELECT 'the answer of row ' || a.entry FROM answer a WHERE a.entry > ?1 AND NOT EXISTS
      (SELECT 1 FROM entry e WHERE e.id = a.entry AND e.key IS NOT NULL)
    """,
  ]

  private static let redemptionsQueries = [
    """
    SELECT e.node || '.' || e.epoch || '.' || e.seq || ': ' || u.points || ' uncovered'
    FROM lot_use u JOIN entry e ON e.id = u.redeem WHERE u.lot IS NULL AND u.redeem > ?1
      -- of the account and of those that were ever merged into it
      AND NOT EXISTS (WITH RECURSIVE part (account) AS (
          SELECT e.account UNION SELECT m.reason
          FROM entry m JOIN part p ON m.account = p.account WHERE m.type = 'MERGE')
        SELECT 1 FROM entry o WHERE o.account IN (SELECT account FROM part)
          AND ((o.node, o.epoch) <> (e.node, e.epoch)
            -- decided rightly: what came later lies before it, or took away what was merged
            OR (o.id > e.id AND (o.effective_at <= e.effective_at OR o.type = 'UNMERGE'))))
    """,
    """
    SELECT 'redeem entry ' || u.redeem || ': ' || sum(u.points) || ' of ' || -e.points
    FROM lot_use u JOIN entry e ON e.id = u.redeem WHERE u.redeem > ?1 GROUP BY u.redeem
    HAVING sum(u.points) <> -e.points
    """,
  ]

  private static let occasionsQueries = [
    """
    SELECT e.node || '.' || e.epoch || ': ' || (e.detail ->> 'once') || ' ' || count(*) || ' times'
    FROM entry n JOIN entry e ON e.account = n.account AND e.type = n.type
      AND (e.node, e.epoch) = (n.node, n.epoch) AND e.detail ->> 'once' = n.detail ->> 'once'
    WHERE n.id > ?1 AND n.type IN ('AWARD_BONUS', 'REWARD_DUE')
      AND n.detail ->> 'once' IS NOT NULL
    GROUP BY n.id HAVING count(*) > 1 AND max(e.id) = n.id
    """
  ]

  private static let writesQueries = [
    """
    SELECT \(name) || ': counter ' || ctc || ' behind ' || before FROM (
      SELECT id, node, epoch, seq, detail ->> 'ctc' AS ctc,
        lag(detail ->> 'ctc') OVER (PARTITION BY node, epoch, card, issue ORDER BY seq) AS before
      FROM entry i WHERE type = 'ENCODE' AND \(cardsSince))
    WHERE ctc <= before
    """,
    """
    SELECT e.node || '.' || e.epoch || '.' || e.seq || ': names no write of its card'
    FROM entry e WHERE e.id > ?1 AND e.type IN ('FACE_PRINTED', 'FACE_FAILED')
      AND e.names IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry w
        WHERE w.card = e.card AND w.issue = e.issue AND w.type = 'ENCODE'
          AND w.node || '.' || w.epoch || '.' || w.seq = e.names)
      -- its journal may not have come yet
      AND EXISTS (SELECT 1 FROM entry o WHERE o.node || '.' || o.epoch || '.' || o.seq = e.names)
    """,
  ]

  private static let carriedQueries = [
    """
    SELECT \(name) || ': ' || type || ' of a card moves ' || points FROM entry
    WHERE id > ?1 AND points <> 0 AND type IN ('ISSUE', 'ACTIVATE', 'ENCODE', 'FACE_PRINTED',
      'FACE_FAILED', 'SUSPEND', 'RESUME', 'BLOCK', 'UNBLOCK', 'END', 'OBSERVE')
    """
  ]

  private static let personsQueries = [
    """
    SELECT \(name) || ': ' || type || ' by ' || actor FROM entry
    WHERE id > ?1 AND approver = actor
    """
  ]

  private static let cardsQueries = [
    """
    SELECT 'card ' || card || ': ' || count(*) || ' active issues' FROM card_issue
    WHERE state = 'active' AND ?1 >= 0 GROUP BY card HAVING count(*) > 1
    """,
    """
    SELECT 'card ' || i.card || ' issue ' || i.issue || ': without an ISSUE entry'
    FROM card_issue i WHERE \(cardsSince) AND NOT EXISTS (SELECT 1 FROM entry e
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
      || ', proven ' || (count(w.id) + \(facesAlone))
    FROM card_issue i LEFT JOIN entry w ON w.card IN \(sameCard) AND w.issue = i.issue
      AND w.type = 'ENCODE'
      AND (EXISTS (SELECT 1 FROM entry p WHERE p.type = 'FACE_PRINTED'
          AND p.names = w.node || '.' || w.epoch || '.' || w.seq
          AND coalesce(p.detail ->> 'stripeOnly', 0) = 0)
        OR coalesce(w.detail ->> 'stripeFirst', 0) = 0
          AND EXISTS (SELECT 1 FROM entry o WHERE o.card IN \(sameCard) AND o.issue = w.issue
          AND o.type = 'OBSERVE' AND o.detail LIKE '%"provesFace":true%'
          AND o.detail ->> 'digest' = w.detail ->> 'to'))
    WHERE \(cardsSince)
    GROUP BY i.card, i.issue HAVING i.face_version <> count(w.id) + \(facesAlone)
    """
  ]

  /// How many faces of an issue were printed without a stripe.
  private static let facesAlone = """
    (SELECT count(*) FROM entry a WHERE a.card IN \(sameCard) AND a.issue = i.issue
      AND a.type = 'FACE_PRINTED' AND a.names IS NULL AND a.detail ->> 'changes' IS NOT NULL)
    """

  /// The form of an entry stands in its hash as the one this program writes.
  private static let formatQueries = [
    "SELECT \(name) || ': format ' || format FROM entry WHERE id > ?1 AND format <> \(Entry.format)"
  ]
}
