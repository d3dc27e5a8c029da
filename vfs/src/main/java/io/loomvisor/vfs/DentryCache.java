package io.loomvisor.vfs;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Arrays;

/**
 * The names that stay cached although nobody uses them, of all file systems together, since they
 * share one heap (Linux: the LRU list of fs/dcache.c). A clock: beyond {@link #limit} names the
 * next one that was not used since the hand last passed goes. Its directory then refers to it
 * weakly ({@link FadedDentry}): who has it open, as a working directory, mapped, mounted upon or
 * watched keeps it and its inode the same, and a walk that finds it again makes it one of the
 * cached ones again.
 *
 * <p>The file systems below keep what they know of a clean file only as long as its inode is in
 * use, so this bounds that as well.
 */
final class DentryCache extends Actor {
  /** What a name takes of the heap, with the inodes of an overlay and of the gofer. */
  private static final int BYTES_EACH = 1024;

  /** The part of the heap that names may take. */
  private static final int SHARE = 4;

  private static final int LIMIT_MIN = 4096;

  /** How many used names the hand passes before the next one goes whether used or not. */
  private static final int PATIENCE = 256;

  private static final int FIRST_SLOTS = 1024;

  /** The one of this process. */
  static final DentryCache SHARED = new DentryCache(configured());

  private final int limit;
  private final ReferenceQueue<Dentry> dead = new ReferenceQueue<>();

  /** The cached names, up to {@link #count}; the actor's, as all that follows. */
  private Dentry[] slots = new Dentry[0];

  private int count;
  private int hand;

  DentryCache(int limit) {
    super(Rank.LEAF);
    this.limit = limit;
  }

  private static int configured() {
    long fit = Runtime.getRuntime().maxMemory() / SHARE / BYTES_EACH;
    return Integer.getInteger(
        "loomvisor.dentries", Math.clamp(fit, LIMIT_MIN, Integer.MAX_VALUE / 2));
  }

  /** Names cached now. */
  int size() {
    return ask(() -> count);
  }

  /**
   * {@code dentry} has been entered in its directory, which refers to it strongly. Called after
   * that, so that whoever evicts it finds it there.
   */
  void entered(Dentry dentry) {
    sweep();
    if (dentry.cached()) {
      return;
    }
    Dentry victim = ask(() -> add(dentry));
    if (victim != null) {
      victim.fade();
    }
  }

  /** For {@link FadedDentry}: where it is put when its dentry is no more. */
  ReferenceQueue<Dentry> dead() {
    return dead;
  }

  /** Takes the names out of their directories whose dentries are no more. */
  private void sweep() {
    for (Reference<? extends Dentry> r = dead.poll(); r != null; r = dead.poll()) {
      ((FadedDentry) r).remove();
    }
  }

  /** Returns what goes in exchange, or null. */
  private Dentry add(Dentry dentry) {
    if (dentry.cached()) {
      return null;
    }
    dentry.setCached(true);
    if (count < limit) {
      if (count == slots.length) {
        slots = Arrays.copyOf(slots, Math.min(limit, Math.max(FIRST_SLOTS, 2 * count)));
      }
      slots[count++] = dentry;
      return null;
    }
    for (int passed = 0; passed < PATIENCE && slots[hand].takeUsed(); passed++) {
      advance();
    }
    Dentry victim = slots[hand];
    slots[hand] = dentry;
    advance();
    victim.setCached(false);
    return victim;
  }

  private void advance() {
    hand = hand + 1 == count ? 0 : hand + 1;
  }
}
