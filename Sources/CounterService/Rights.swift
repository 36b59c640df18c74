import CounterAPI
import Registers

/// What a caller may be. The first four are no operator's role.
enum Role: String, CaseIterable, Sendable {
  /// Anybody at the daemon's own user while there are no operators: the shop is being set up.
  case setUp
  /// The daemon's own user or root, not signed in: upkeep of the machine.
  case owner
  /// A till's token, nobody signed in.
  case till
  case cashier, manager, regionManager, headOffice, auditor, dataProtection

  init(_ role: OperatorRole) {
    self =
      switch role {
      case .cashier: .cashier
      case .manager: .manager
      case .regionManager: .regionManager
      case .headOffice: .headOffice
      case .auditor: .auditor
      case .dataProtection: .dataProtection
      }
  }

  /// Who may give whom a role: nobody gives more than what stands below, head office gives all.
  func gives(_ role: OperatorRole) -> Bool {
    switch self {
    case .setUp, .owner, .headOffice: true
    case .regionManager: role == .manager || role == .cashier
    case .manager: role == .cashier
    case .till, .cashier, .auditor, .dataProtection: false
    }
  }
}

/// A right per function and per void: the one table behind every refusal.
enum Right: String, CaseIterable, Sendable {
  // at the counter
  case serve, lookUp, statement, award, takeBack, openReturn, redeem, correctOwn, reprint,
    addMember, consent
  case giveReward
  // the manager's
  case viewMember, editMember, household, deceased, issueCard, replaceCard, suspendCard, resumeCard,
    repairCard
  case adjust, correct, lateClaim, overrideTier, tills, operators, stock, takeReward, expiring
  case device
  // head office's
  case opening, transfer, merge, unmerge, convert, extend, programme, blockCard, unblockCard
  case reconcile, close, reopen, notices, regions
  // seeing and keeping
  case check, backup, audit, export, erase

  /// Who has it.
  var roles: Set<Role> {
    let shop: Set<Role> = [.cashier, .manager, .regionManager, .headOffice]
    let managers: Set<Role> = [.manager, .regionManager, .headOffice]
    switch self {
    case .serve, .award, .takeBack, .redeem, .reprint, .giveReward: return shop.union([.till])
    // what undoes and corrects, or goes by paper alone, has a person who answers for it
    case .correctOwn, .openReturn: return shop
    case .lookUp, .statement: return shop.union([.till, .auditor, .dataProtection])
    case .addMember, .consent: return shop.union([.dataProtection])
    case .viewMember: return managers.union([.auditor, .dataProtection])
    case .editMember: return managers.union([.dataProtection])
    case .household, .deceased, .issueCard, .replaceCard, .suspendCard, .resumeCard, .repairCard,
      .adjust, .correct, .lateClaim, .overrideTier, .stock, .takeReward, .device:
      return managers
    case .expiring: return managers.union([.auditor])
    case .tills, .operators: return managers.union([.owner])
    case .unblockCard, .blockCard: return [.regionManager, .headOffice]
    case .opening, .transfer, .merge, .unmerge, .convert, .extend, .programme, .reconcile, .close,
      .reopen, .regions:
      return [.headOffice]
    case .notices: return [.headOffice, .dataProtection]
    case .check: return managers.union([.auditor, .owner])
    case .backup: return managers.union([.owner])
    case .audit: return managers.union([.auditor, .dataProtection])
    case .export, .erase: return [.dataProtection]
    }
  }

  /// The right that undoes what this one does; nil: it is undone by itself or cannot be.
  var void: Right? {
    switch self {
    case .award: .takeBack
    case .redeem: .takeBack
    case .giveReward: .takeReward
    case .suspendCard: .resumeCard
    case .blockCard: .unblockCard
    case .merge: .unmerge
    case .close: .reopen
    default: nil
    }
  }

  /// Whether one of `held` has it; while the shop is set up its owner has all.
  func isHeld(by held: Set<Role>) -> Bool { held.contains(.setUp) || !roles.isDisjoint(with: held) }
}

extension Route {
  /// Whether whoever reaches the daemon may ask, known or not.
  var isOpen: Bool {
    switch self {
    case .health, .programme, .signIn: true
    default: false
    }
  }

  /// What a caller must have; nil: being known is enough, and the function itself looks closer.
  var right: Right? {
    switch self {
    case .health, .programme, .signIn, .signOut, .operatorShow, .operatorPin, .approvalList,
      .approvalGrant, .approvalAnswer, .noticeList, .noticeShow:
      nil
    case .memberAdd: .addMember
    case .memberShow: .viewMember
    case .memberFind, .cardShow: .lookUp
    case .cardIssue: .issueCard
    case .cardSuspend: .suspendCard
    case .cardResume: .resumeCard
    case .cardReplace: .replaceCard
    case .cardRepair: .repairCard
    case .cardBlock: .blockCard
    case .cardUnblock: .unblockCard
    case .cardRetire, .cardExchange: .replaceCard
    case .cardRegister: .issueCard
    case .stockBook, .stockList: .stock
    case .rangeGive: .regions
    case .journalExport, .journalMerge: .backup
    case .journalList, .findingList, .cardAlarms: .check
    case .findingMend: .reconcile
    case .ticketPost: .award
    case .ticketReturn: .takeBack
    case .ticketOpen: .check
    case .ticketList: .lookUp
    case .pointsRedeem, .pointsHold, .pointsRelease: .redeem
    case .ticketVoid, .ticketCorrect: .correctOwn
    case .ticketExchange: .takeBack
    case .ticketClaim: .lateClaim
    case .ticketPreview: .award
    case .pointsTransfer: .transfer
    case .pointsConvert, .programmeConvert: .convert
    case .pointsExtend, .programmeExtend: .extend
    case .pointsExplain, .tierExplain: .statement
    case .accountMerge: .merge
    case .accountUnmerge: .unmerge
    case .tierSet: .overrideTier
    case .programmeActivate: .programme
    case .pointsAdjust: .adjust
    case .pointsOpening, .pointsOpenings: .opening
    case .statement: .statement
    case .stationList, .stationShow, .stationEject, .stationIdentify, .stationClaim,
      .stationRelease:
      .serve
    case .stationDevice, .stationService: .device
    case .cardIdentifier: .issueCard
    case .faceRender, .faceStale: .reprint
    case .ledgerCheck: .check
    case .backup, .nightly, .clockConfirm: .backup
    case .operatorAdd, .operatorList, .operatorAccounts, .operatorEnd: .operators
    case .regionPut, .regionList: .regions
    case .tillAdd, .tillList, .tillEnd: .tills
    case .auditList: .audit
    case .memberEdit, .memberPhone, .memberLock: .editMember
    case .memberDeceased: .deceased
    case .memberJoin, .memberLeave: .household
    case .memberExport: .export
    case .memberErase: .erase
    case .consentSet: .consent
    case .consentList: .viewMember
    case .noticeAdd, .noticeDue, .noticeSent: .notices
    case .pointsExpiring: .expiring
    case .memberEstate: .deceased
    case .rewardList, .rewardDue: .lookUp
    case .rewardGive: .giveReward
    case .rewardVoid: .takeReward
    }
  }

  /// Whether a use is worth a line in the audit beside what the journal says: what changes a
  /// register, shows a person, or was refused.
  var isAudited: Bool {
    switch self {
    case .health, .programme, .stationList, .stationShow, .faceStale, .faceRender, .stationClaim,
      .stationRelease:
      false
    default: true
    }
  }
}
