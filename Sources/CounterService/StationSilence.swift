import CardStation

/// The end of a session for which no ticket comes.
extension StationServer {
  /// The running session has its whole time before it.
  func restartSilence() {
    silence = (view.session, .now + .seconds(counter.configuration.sessionSeconds))
    guard !isSilenceWatched else { return }
    isSilenceWatched = true
    // one for all sessions: a sleep that is cancelled wakes the process all the same when it is due
    Task { [weak self] in
      while let end = await self?.endOfSilence() {
        do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
      }
    }
  }

  /// Until when to wait; nil: nobody is waited for. A session whose time is over is closed.
  private func endOfSilence() async -> ContinuousClock.Instant? {
    if let silence, silence.ends <= .now {
      self.silence = nil
      await close(session: silence.session)
    }
    isSilenceWatched = silence != nil
    return silence?.ends
  }

  /// Ends a session without a ticket: the face is brought up to date when it lies behind.
  func close(session: Int64) async {
    guard view.session == session, view.isReady, let card = swiped else { return }
    show { $0.isReady = false }
    // nobody is asked to put a card in for whom nobody has waited
    let isInside = await station.holds(session: Int(session))
    guard view.session == session else { return }
    if card.isBehind, isInside, card.mayBeWritten {
      await refresh(card, thenHold: false)
    } else {
      await observeAlone(card)
      // another card may have been drawn through meanwhile
      guard view.session == session else { return }
      swiped = nil
      giveBack("card.returned")
    }
  }
}
