import CardFace
import Configuration
import LoyaltyRules
import Platform

/// The templates that faces can be made from, by their names.
package struct FaceLibrary: Sendable {
  /// What a template's file is called behind its name.
  package static let suffix = ".face.json5"

  private var templates: [String: [FaceLocale: FaceTemplates]] = [:]

  /// Reads every template of a folder.
  ///
  /// - Throws: the first that is wrong.
  package init(folder: String) throws { try add(folder: folder) }

  /// Takes every template of a folder.
  package mutating func add(folder: String) throws {
    for name in try Files.names(in: folder) where name.hasSuffix(FaceLibrary.suffix) {
      add(try FaceLibrary.read(folder + "/" + name))
    }
  }

  /// The names, sorted.
  package var names: [String] { templates.keys.sorted() }

  /// Reads one file in each of its languages, pictures beside it.
  package static func read(_ path: String) throws -> [FaceLocale: FaceTemplates] {
    let bytes = try Files.read(path, limit: 1 << 20)
    let folder = Files.folder(of: path)
    return try FaceTemplates.parseAll(bytes, source: path) { file in
      // whether it is missing or cannot be read, the template says which picture it was
      do { return try Files.read(folder + "/" + file, limit: 8 << 20) } catch { return nil }
    }
  }

  /// Takes a template in place of the one of its name; with `isStandard` also in place of the one
  /// that cards get which no tier gives another.
  package mutating func add(_ languages: [FaceLocale: FaceTemplates], isStandard: Bool = false) {
    guard let any = languages.values.first else { return }
    templates[any.name] = languages
    if isStandard { templates["standard"] = languages }
  }

  /// A template in a language; nil when there is none.
  package func template(_ name: String, _ locale: FaceLocale) -> FaceTemplates? {
    templates[name]?[locale]
  }

  /// The template for a tier of a programme.
  ///
  /// - Throws: when the programme names one that there is not in its language.
  package func template(for rule: FaceRule, tier: String) throws -> FaceTemplates {
    let name = rule.template(tier: tier)
    let locale = FaceLocale(rule.locale)
    guard let found = template(name, locale) else {
      throw ConfigurationError(
        source: "the programme", line: 1, path: "face",
        problem: "there is no template \(name) in \(locale.rawValue)",
        remedy: "there are \(names.joined(separator: ", "))")
    }
    return rule.dates.map { found.writing(FaceDates($0)) } ?? found
  }
}
