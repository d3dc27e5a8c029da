package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.Wire;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The directories that have a fid. Beyond {@link #LIMIT} those not used of late give theirs back
 * and get a new one when they need it (second chance: each is passed over once after a use).
 */
final class DirectoryFids extends Actor {
  /** Well below what the gofer allows one connection. */
  private static final int LIMIT = 8192;

  private final GoferClient client;
  private final ArrayDeque<DirectoryFid> bound = new ArrayDeque<>();

  DirectoryFids(GoferClient client) {
    super(Rank.LEAF);
    this.client = client;
  }

  /** {@code fid} is bound. */
  void bound(DirectoryFid fid) {
    int[] given = ask(() -> add(fid));
    if (given.length > 0) {
      clunk(given);
    }
  }

  void clunk(int... fids) {
    client.ask(new Request.Clunk(fids), Reply.Done.class);
  }

  private int[] add(DirectoryFid fid) {
    bound.add(fid);
    if (bound.size() <= LIMIT) {
      return new int[0];
    }
    int[] given = new int[Wire.MAX_CLUNK];
    int n = 0;
    for (int left = 2 * LIMIT; n < given.length && left > 0 && !bound.isEmpty(); left--) {
      DirectoryFid d = bound.poll();
      int number = d.give();
      if (number > 0) {
        given[n++] = number;
      } else if (number == DirectoryFid.IN_USE) {
        bound.add(d);
      }
    }
    return Arrays.copyOf(given, n);
  }
}
