package io.loomvisor.scheduler.actor;

/**
 * An actor asked another one that its {@link Rank} does not allow it to ask. Always a bug in the
 * sentry.
 */
public final class AskOrderException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  AskOrderException(Actor held, Actor asked, boolean self) {
    super(
        held.getClass().getName()
            + " ("
            + held.rank()
            + ") must not ask "
            + asked.getClass().getName()
            + " ("
            + asked.rank()
            + ")"
            + (self ? ": it is itself" : ""));
  }
}
