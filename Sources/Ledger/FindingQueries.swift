extension FindingKind {
  /// Gives, for each contradiction in which an entry behind row `?1` has a part, its subject and
  /// the name of the last entry that made it so; nil where a query alone cannot tell.
  var query: String? {
    switch self {
    case .doubleReturn: FindingKind.doubleReturns
    case .doubleClaim: FindingKind.twins("AWARD")
    case .doubleTicket: FindingKind.doubleTickets
    case .overspend: FindingKind.overspends
    case .doubleIssue: FindingKind.doubleIssues
    case .copiedCard: FindingKind.copies
    case .doubleReward: FindingKind.doubleRewards
    case .doubleOccasion: FindingKind.doubleOccasions
    case .capExceeded: FindingKind.exceeded
    case .voidMerge, .receiptDiffers: nil
    }
  }

  /// Whether what arrives later can explain it, and the query always gives all of them.
  var mayPass: Bool {
    switch self {
    case .doubleReturn, .overspend, .doubleReward, .capExceeded, .receiptDiffers: true
    case .doubleClaim, .doubleTicket, .doubleIssue, .copiedCard, .doubleOccasion, .voidMerge:
      false
    }
  }

  private static let name = "e.node || '.' || e.epoch || '.' || e.seq"
  private static let lastFirst =
    "ORDER BY e.effective_at DESC, e.node DESC, e.epoch DESC, e.seq DESC LIMIT 1"

  /// What came back beyond what was sold: a partial index holds only such sales; of sales that are
  /// not here, beyond what their receipts say.
  private static let doubleReturns = """
    SELECT s.name, (SELECT \(name) FROM entry e JOIN ticket r ON r.entry = e.id
        WHERE r.role IN ('return', 'void', 'correction')
          AND e.id IN (SELECT id FROM entry WHERE names = s.name
            UNION ALL SELECT entry FROM open_return WHERE sale = s.id) \(lastFirst))
    FROM (SELECT e.id, \(name) AS name FROM ticket t JOIN entry e ON e.id = t.entry
      WHERE t.returned > t.amount) s
    WHERE ?1 >= 0
    UNION ALL
    SELECT o.store || ' ' || o.terminal || ' ' || o.business_date || ' ' || o.number || ' '
        || o.revision || ' ' || o.part,
      (SELECT \(name) FROM entry e JOIN open_return p ON p.entry = e.id
        WHERE (p.store, p.terminal, p.business_date, p.number, p.revision, p.part)
          = (o.store, o.terminal, o.business_date, o.number, o.revision, o.part) \(lastFirst))
    FROM open_return o JOIN ticket r ON r.entry = o.entry WHERE o.sale IS NULL
    GROUP BY o.store, o.terminal, o.business_date, o.number, o.revision, o.part
    HAVING sum(r.amount) > min(o.amount)
    """

  /// Two entries of a type, of different journals, that name one entry.
  private static func twins(_ type: String) -> String {
    """
    SELECT n.names, (SELECT \(name) FROM entry e
        WHERE e.names = n.names AND e.type = '\(type)' \(lastFirst))
    FROM entry n WHERE n.id > ?1 AND n.type = '\(type)' AND n.names IS NOT NULL
      AND EXISTS (SELECT 1 FROM entry o WHERE o.names = n.names AND o.type = n.type
        AND (o.node, o.epoch) <> (n.node, n.epoch))
    GROUP BY n.names
    """
  }

  /// One reward that was due and that two journals handed out, neither having taken it back.
  private static let doubleRewards = """
    SELECT g.names, (SELECT \(name) FROM entry e
        WHERE e.names = g.names AND e.type = 'REWARD_GIVEN' \(lastFirst))
    FROM entry g INDEXED BY entry_given WHERE g.type = 'REWARD_GIVEN' AND g.names IS NOT NULL
      AND ?1 >= 0 AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.type = 'REDEEM_REFUND'
        AND r.names = g.node || '.' || g.epoch || '.' || g.seq)
    GROUP BY g.names HAVING count(DISTINCT g.node || '.' || g.epoch) > 1
    """

  /// More of a reward than an account may have, handed out by two journals together.
  private static let exceeded = """
    SELECT g.account || ' ' || g.reason, (SELECT \(name) FROM entry e INDEXED BY entry_given
        WHERE e.account = g.account AND e.reason = g.reason AND e.type = 'REWARD_GIVEN'
        \(lastFirst))
    FROM entry g INDEXED BY entry_given WHERE g.type = 'REWARD_GIVEN' AND ?1 >= 0
      AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.type = 'REDEEM_REFUND'
        AND r.names = g.node || '.' || g.epoch || '.' || g.seq)
    GROUP BY g.account, g.reason
    HAVING count(*) > min(g.detail ->> 'limit') AND count(DISTINCT g.node || '.' || g.epoch) > 1
    """

  /// Whether `o` and `t` are one ticket.
  private static let isOneTicket = """
    o.store = t.store AND o.role = t.role AND (o.identity = t.identity
      OR (o.terminal, o.business_date, o.number, o.revision, o.part)
        = (t.terminal, t.business_date, t.number, t.revision, t.part))
    """

  private static let doubleTickets = """
    SELECT t.store || ' ' || coalesce(t.identity || ' ' || t.role,
        t.terminal || ' ' || t.business_date || ' ' || t.number || ' ' || t.revision || ' '
          || t.role || ' ' || t.part),
      (SELECT \(name) FROM ticket o JOIN entry e ON e.id = o.entry
        WHERE o.number = t.number AND \(isOneTicket) \(lastFirst))
    FROM ticket t WHERE t.entry > ?1 AND EXISTS (SELECT 1 FROM ticket o
      WHERE o.number = t.number AND \(isOneTicket) AND o.journal <> t.journal)
    GROUP BY 1
    """

  /// What no lot covered, of accounts that two journals speak of.
  private static let overspends = """
    SELECT \(name), \(name) FROM lot_use u JOIN entry e ON e.id = u.redeem
    WHERE u.lot IS NULL AND u.points > u.restored AND ?1 >= 0
      AND EXISTS (SELECT 1 FROM entry o WHERE o.account = e.account
        AND (o.node, o.epoch) <> (e.node, e.epoch))
    """

  private static let doubleIssues = """
    SELECT i.card || ' ' || i.issue, (SELECT \(name) FROM entry e
        WHERE e.card = i.card AND e.issue = i.issue AND e.type = 'ISSUE' \(lastFirst))
    FROM entry i WHERE i.id > ?1 AND i.type = 'ISSUE'
      AND EXISTS (SELECT 1 FROM entry o WHERE o.card = i.card AND o.issue = i.issue
        AND o.type = 'ISSUE' AND o.id <> i.id)
    GROUP BY 1
    """

  /// Cards that entries behind the row speak of, with two proven writes over one record.
  private static let copies = """
    SELECT w.card || ' ' || w.issue, (SELECT \(name) FROM stripe_write o
        JOIN entry e ON e.id = o.entry WHERE o.card = w.card AND o.issue = w.issue
          AND o.read_digest = w.read_digest AND o.proven > 0 AND o.unread = 0 \(lastFirst))
    FROM stripe_write w WHERE w.proven > 0 AND w.read_digest IS NOT NULL AND w.unread = 0
      AND w.card IN (SELECT card FROM entry WHERE id > ?1 AND card IS NOT NULL)
      AND EXISTS (SELECT 1 FROM stripe_write o WHERE o.card = w.card AND o.issue = w.issue
        AND o.read_digest = w.read_digest AND o.proven > 0 AND o.unread = 0
        AND o.entry <> w.entry)
    GROUP BY 1
    """

  private static let doubleOccasions = """
    SELECT n.detail ->> 'once', (SELECT \(name) FROM entry e
        WHERE e.type IN ('AWARD_BONUS', 'REWARD_DUE') AND e.account = n.account
          AND e.detail ->> 'once' = n.detail ->> 'once' \(lastFirst))
    FROM entry n WHERE n.id > ?1 AND n.type IN ('AWARD_BONUS', 'REWARD_DUE')
      AND n.detail ->> 'once' IS NOT NULL
      AND EXISTS (SELECT 1 FROM entry o WHERE o.type IN ('AWARD_BONUS', 'REWARD_DUE')
        AND o.account = n.account AND o.id <> n.id
        AND o.detail ->> 'once' = n.detail ->> 'once')
    GROUP BY 1
    """
}
