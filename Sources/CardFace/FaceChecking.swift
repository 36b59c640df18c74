extension FaceCheck {
  /// Everything that goes wrong, each once; empty when the template holds.
  ///
  /// - Parameter model: `family/model`, for where its dots lie on the template's plastic.
  package func faults(
    of template: FaceTemplate, on device: FaceSurface, fonts: FaceFonts, model: String = ""
  ) -> [FaceFault] {
    guard let surface = template.surface(device) else {
      return [FaceFault(box: "", value: "", problem: .turned)]
    }
    var faults: [FaceFault] = []
    for content in contents() {
      for fault in self.faults(
        of: template, content, on: surface, fonts: fonts, model: model)
      where !faults.contains(fault) {
        faults.append(fault)
      }
    }
    return faults
  }

  /// The faces that are tried: each name, balance, tier, text and condition once beside the longest
  /// of the rest.
  package func contents() -> [FaceContent] {
    let base = longest
    var all = [base]
    func add(_ change: (inout FaceContent) -> Void) {
      var content = base
      change(&content)
      all.append(content)
    }
    let scale: Int64 = [1, 10, 100][decimals]
    for name in FaceCheck.names { add { $0.name = style.text(name) } }
    for balance in FaceCheck.balances { add { $0.balance = balance * scale } }
    for tier in tiers {
      add {
        $0.tier = tier
        $0.progress?.tier = tier
      }
    }
    for text in lastTexts { add { $0.last?.text = text } }
    for message in messages {
      add {
        $0.message = message
        $0.campaign = message
      }
    }
    for missing in missing { add { $0.progress?.missing = missing } }
    for share in [0, 1, 500, 999] { add { $0.progress?.share = share } }
    add { $0.expiring?.daysLeft = 3_660 }
    add { $0.progress = nil }
    add { $0.isBirthdayMonth = false }
    add { $0.isFirstVisit = false }
    add { $0.campaign = "" }
    add { $0.message = "" }
    add { $0.name = "" }
    add {
      $0.expiring = nil
      $0.last = nil
    }
    // the least that a face may show
    add {
      $0 = FaceContent(
        shop: shop, name: "", number: base.number, balance: 0, decimals: decimals, unit: unit)
    }
    return all
  }

  /// The longest of everything at once.
  private var longest: FaceContent {
    let scale: Int64 = [1, 10, 100][decimals]
    // the widest day in every way of writing it
    let day = FaceDay(year: 2027, month: 12, day: 28)
    let balance = -9_999_999 * scale
    func longest(_ texts: [String]) -> String {
      texts.max { $0.utf8.count < $1.utf8.count } ?? ""
    }
    let tier = longest(tiers)
    return FaceContent(
      shop: shop, name: style.text("ALEXANDER WOLFESCHLEGEL"), number: "0000 0000 0000 0000",
      tier: tier, balance: balance, decimals: decimals, unit: unit,
      progress: FaceContent.Progress(tier: tier, missing: longest(missing), share: 1000),
      expiring: FaceContent.Expiring(points: -balance, lastDay: day, daysLeft: 0),
      last: FaceContent.Transaction(day: day, text: longest(lastTexts), points: balance),
      message: longest(messages), campaign: longest(messages), isBirthdayMonth: true,
      isFirstVisit: true, day: day)
  }

  private func faults(
    of template: FaceTemplate, _ content: FaceContent, on surface: FaceSurface, fonts: FaceFonts,
    model: String
  ) -> [FaceFault] {
    var faults: [FaceFault] = []
    var places: [(place: FaceLayout.Place, value: String)] = []
    var gathering = FaceGathering(surface.text)
    var inks: [FaceLayout.Place] = []
    for shown in template.boxes(on: surface) where shown.condition?.holds(for: content) ?? true {
      let box = shown.placed(behind: inks, on: surface)
      let value = template.text(box, content)
      func fault(_ problem: FaceFault.Problem) {
        faults.append(FaceFault(box: box.name, value: value, problem: problem))
      }
      let missing = box.isText ? fonts.unprintableCharacters(in: value) : []
      guard missing.isEmpty else {
        fault(.unprintable(missing))
        continue
      }
      let setter = BoxSetter(box: box, surface: surface, fonts: fonts)
      do {
        let elements = try setter.elements(value, content)
        guard let place = setter.place(elements) else { continue }
        inks.append(place)
        if template.medium?.allows(place, on: surface, of: model) == false {
          fault(.outsideWindow)
        }
        if !box.isGround {
          if let other = places.first(where: { $0.place.meets(place) }) {
            fault(.meets(other.place.box))
          }
          places.append((place, value))
          try gathering.add(elements, box: box.name)
        }
      } catch {
        let problem = FaceFault.Problem(error)
        let isOfValue = problem != .outside && problem != .noPictures
        faults.append(
          FaceFault(box: box.name, value: isOfValue ? value : "", problem: problem))
      }
    }
    return faults
  }
}

extension FaceFault.Problem {
  /// What the check calls an error that setting a box throws.
  fileprivate init(_ error: FaceError) {
    self =
      switch error {
      case .outside: .outside
      case .noPictures: .noPictures
      case .line(_, let other): .line(other)
      case .tooManyGlyphs(_, let most): .tooManyGlyphs(most)
      case .noSymbol(_, let reason): .noSymbol(reason)
      case .unprintable(let missing): .unprintable(missing)
      case .turned: .turned
      case .overflow, .badStrike: .overflow
      }
  }
}
