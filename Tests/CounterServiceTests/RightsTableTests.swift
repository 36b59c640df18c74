import CounterAPI
import Registers
import Testing

@testable import CounterService

/// The one table of rights.
struct RightsTableTests {
  /// A role, what it may, and what it may not.
  private static let rows: [(role: Role, may: [Right], mayNot: [Right])] = [
    (
      .till, [.award, .redeem, .takeBack, .lookUp, .giveReward],
      [.viewMember, .adjust, .addMember, .check, .takeReward, .correctOwn, .openReturn]
    ),
    (
      .cashier, [.award, .redeem, .correctOwn, .reprint, .addMember, .openReturn, .giveReward],
      [
        .adjust, .resumeCard, .unblockCard, .viewMember, .correct, .audit, .operators, .tills,
        // a birthday that changes after joining is the manager's
        .editMember, .deceased, .takeReward, .expiring, .notices, .household, .device,
      ]
    ),
    (
      .manager,
      [
        .issueCard, .suspendCard, .resumeCard, .adjust, .lateClaim, .audit, .tills, .takeReward,
        .editMember, .deceased, .expiring, .household, .device,
      ],
      [.unblockCard, .merge, .programme, .erase, .export, .opening]
    ),
    (.regionManager, [.unblockCard, .adjust, .operators], [.programme, .erase, .convert]),
    (.headOffice, [.programme, .merge, .convert, .close, .opening, .adjust], [.erase, .export]),
    (.auditor, [.check, .audit, .statement, .viewMember], [.award, .adjust, .erase, .operators]),
    (.dataProtection, [.export, .erase, .audit, .notices], [.award, .adjust, .programme]),
    (
      .owner, [.check, .backup, .operators, .tills], [.award, .adjust, .viewMember, .erase, .audit]
    ),
  ]

  @Test(arguments: rows.indices)
  func `a role may what its work needs, and not what others answer for`(_ index: Int) {
    let row = Self.rows[index]
    for right in row.may { #expect(right.isHeld(by: [row.role]), "\(row.role) \(right)") }
    for right in row.mayNot { #expect(!right.isHeld(by: [row.role]), "\(row.role) \(right)") }
  }

  @Test func `every right has a holder, nobody holds all, and setting up holds them`() {
    for right in Right.allCases {
      #expect(!right.roles.isEmpty && right.isHeld(by: [.setUp]), "\(right)")
      #expect(!right.isHeld(by: []), "\(right)")
    }
    for role in Role.allCases where role != .setUp {
      #expect(Right.allCases.contains { !$0.isHeld(by: [role]) }, "\(role)")
    }
  }

  @Test func `whoever may do a thing in a shop has somebody who may undo it`() {
    for right in Right.allCases {
      guard let void = right.void else { continue }
      #expect(!void.roles.isDisjoint(with: right.roles), "\(right) \(void)")
    }
  }

  @Test func `only what everybody may know is open to the unknown`() {
    let open = Route.allCases.filter(\.isOpen)
    #expect(Set(open) == [.health, .programme, .signIn])
    for route in Route.allCases where route.isWrite {
      #expect(route.right != nil, "\(route) writes and wants a right")
      #expect(route.isAudited, "\(route)")
    }
  }

  @Test func `nobody gives a role above their own`() {
    let allowed: [(Role, [OperatorRole])] = [
      (.till, []), (.cashier, []), (.auditor, []), (.dataProtection, []), (.manager, [.cashier]),
      (.regionManager, [.cashier, .manager]), (.headOffice, OperatorRole.allCases),
      (.owner, OperatorRole.allCases), (.setUp, OperatorRole.allCases),
    ]
    for (role, given) in allowed {
      for wanted in OperatorRole.allCases {
        #expect(role.gives(wanted) == given.contains(wanted), "\(role) \(wanted)")
      }
    }
  }
}
