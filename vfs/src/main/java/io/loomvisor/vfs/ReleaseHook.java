package io.loomvisor.vfs;

/** A stack of actions to run when a description is closed; immutable. */
record ReleaseHook(Runnable action, ReleaseHook next) {
  /** In place of the stack: the description is closed. */
  static final ReleaseHook CLOSED = new ReleaseHook(() -> {}, null);

  static ReleaseHook without(ReleaseHook first, Runnable action) {
    if (first == CLOSED) {
      return first;
    }
    ReleaseHook left = null;
    for (ReleaseHook h = first; h != null; h = h.next) {
      if (h.action != action) {
        left = new ReleaseHook(h.action, left);
      }
    }
    return left;
  }
}
