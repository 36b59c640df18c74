extension Sentence {
  /// What somebody should know of after the night's work.
  static let nights = [
    Sentence(
      code: "check.failed", chinese: "夜間檢查發現帳目不符，請店長聯絡總部，並保留昨日的備份。",
      english: "The night's checks found the ledger in disorder: the manager calls head office and "
        + "keeps yesterday's backup."),
    Sentence(
      code: "backup.failed", chinese: "昨晚沒有完成備份，請檢查備份資料夾的空間與權限。",
      english: "Last night's backup was not made: check the backup folder's room and rights."),
    Sentence(
      code: "hook.failed", chinese: "備份已完成，但沒有送出，請檢查傳送備份的程式。",
      english: "The backup was made but not carried elsewhere: check the program that carries it."),
    Sentence(
      code: "finding.open", chinese: "各店帳目有矛盾尚未處理，請店長查看並更正。",
      english: "Journals contradict each other somewhere: the manager looks and mends it."),
    Sentence(
      code: "face.failed", chinese: "有卡片尚未寫好，會員下次插卡時會自動補寫。",
      english: "Some cards were not written; each is brought up to date at its next visit."),
    Sentence(
      code: "clock.confirmed", chinese: "已確認本機時鐘正確，點數恢復入帳。",
      english: "This computer's clock is confirmed: points are posted again."),
    Sentence(
      code: "night.missed", chinese: "先前有夜間作業沒有執行，現在已補做，請讓主機夜間保持開機。",
      english: "Earlier nights were missed and are made up for: leave the machine on at night."),
    Sentence(
      code: "stock.low", chinese: "本店空白卡快用完了，請向總部申請補卡。",
      english: "This store has few blank cards left: ask head office for more."),
  ]
}
