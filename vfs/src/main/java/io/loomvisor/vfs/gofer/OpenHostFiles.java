package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The donated descriptors by file. Beyond {@link #LIMIT} the ones unused longest are closed, for
 * they can be had again by name; those of files that have lost their name are kept until the file
 * is discarded.
 */
final class OpenHostFiles extends Actor {
  private static final int LIMIT = 256;

  /** Files without a name at most: they must leave room for the sentry's other descriptors. */
  private static final int MOST_KEPT = 4096;

  private static final class Descriptor {
    final int fd;
    final boolean writable;
    int users;

    /** It is no longer in the table: who uses it last closes it. */
    boolean retired;

    Descriptor(int fd, boolean writable) {
      this.fd = fd;
      this.writable = writable;
    }
  }

  /** Those that may be closed at any time, least recently used first. */
  private final Map<GoferRegular, Descriptor> open = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<GoferRegular, Descriptor> kept = new LinkedHashMap<>();

  OpenHostFiles() {
    super(Rank.LEAF);
  }

  /**
   * Calls {@code use} with the file's descriptor, which is asked for if there is none that will do.
   */
  <R> R with(GoferRegular file, boolean write, IntFunction<R> use) {
    Descriptor d = ask(() -> take(file, write));
    return use(d == null ? enterAndTake(file, file.openOnHost(write), write) : d, use);
  }

  /** As {@link #with}, but {@code otherwise} if no descriptor is open. */
  <R> R ifOpen(GoferRegular file, IntFunction<R> use, R otherwise) {
    Descriptor d = ask(() -> take(file, false));
    return d == null ? otherwise : use(d, use);
  }

  private <R> R use(Descriptor d, IntFunction<R> use) {
    try {
      return use.apply(d.fd);
    } finally {
      int victim = ask(() -> give(d));
      if (victim >= 0) {
        DescriptorCalls.close(victim);
      }
    }
  }

  /** Takes over a descriptor for reading and writing that came with the file's creation. */
  void enter(GoferRegular file, int fd) {
    use(enterAndTake(file, fd, true), same -> same);
  }

  private Descriptor enterAndTake(GoferRegular file, int fd, boolean writable) {
    Descriptor made = new Descriptor(fd, writable);
    int victim = ask(() -> replace(file, made));
    if (victim >= 0) {
      DescriptorCalls.close(victim);
    }
    return made;
  }

  /**
   * Sees to it that a descriptor stays open until {@link #forget}: the file's last known name is
   * about to go. ENFILE if there are too many such files.
   */
  void keep(GoferRegular file) {
    boolean write = true;
    try {
      with(file, true, fd -> fd);
    } catch (LinuxException e) {
      write = false; // not to be had for writing, so nobody has it open so
    }
    with(
        file,
        write,
        fd -> {
          ask(() -> setKept(file));
          return fd;
        });
  }

  /**
   * Sees to it that a descriptor that will do stays open until {@link #drop}: others may take the
   * file's names away at any time.
   */
  void hold(GoferRegular file, boolean write) {
    with(
        file,
        write,
        fd -> {
          ask(() -> setKept(file));
          return fd;
        });
  }

  /** Closes the descriptor of a file unless it is in use again. */
  void drop(GoferRegular file) {
    int victim =
        ask(
            () -> {
              if (file.inUse()) {
                return -1;
              }
              Descriptor d = kept.remove(file);
              return retire(d == null ? open.remove(file) : d);
            });
    if (victim >= 0) {
      DescriptorCalls.close(victim);
    }
  }

  /** Files whose descriptor is kept. */
  int kept() {
    return ask(kept::size);
  }

  /** Undoes {@link #keep}: the descriptor is one of many again. */
  void unkeep(GoferRegular file) {
    ask(
        () -> {
          Descriptor d = kept.remove(file);
          if (d != null) {
            open.put(file, d);
          }
        });
  }

  /** The file is gone. */
  void forget(GoferRegular file) {
    int victim =
        ask(
            () -> {
              Descriptor d = kept.remove(file);
              return retire(d == null ? open.remove(file) : d);
            });
    if (victim >= 0) {
      DescriptorCalls.close(victim);
    }
  }

  /** Closes all that is not in use, and what is with its last use. */
  void closeAll() {
    List<Integer> victims =
        ask(
            () -> {
              List<Integer> unused = new ArrayList<>();
              for (Map<GoferRegular, Descriptor> table : List.of(open, kept)) {
                table.values().stream()
                    .map(this::retire)
                    .filter(fd -> fd >= 0)
                    .forEach(unused::add);
                table.clear();
              }
              return unused;
            });
    victims.forEach(DescriptorCalls::close);
  }

  // What follows runs in the actor.

  private Descriptor take(GoferRegular file, boolean write) {
    Descriptor d = kept.isEmpty() ? null : kept.get(file);
    if (d == null) {
      d = open.get(file);
    }
    if (d == null || write && !d.writable) {
      return null;
    }
    d.users++;
    return d;
  }

  /**
   * Enters a descriptor that its maker uses already, unless there is a better one: then the maker
   * uses it once and closes it. Returns a descriptor to close, or -1.
   */
  private int replace(GoferRegular file, Descriptor made) {
    made.users = 1;
    Map<GoferRegular, Descriptor> table = kept.containsKey(file) ? kept : open;
    Descriptor other = table.get(file);
    if (other != null && (other.writable || !made.writable)) {
      made.retired = true;
      return -1;
    }
    table.put(file, made);
    return retire(other);
  }

  private void setKept(GoferRegular file) {
    Descriptor d = open.get(file);
    if (d == null) {
      return;
    }
    if (kept.size() >= MOST_KEPT) {
      throw Errno.ENFILE.exception();
    }
    open.remove(file);
    kept.put(file, d);
  }

  private int retire(Descriptor d) {
    if (d == null) {
      return -1;
    }
    d.retired = true;
    return d.users == 0 ? d.fd : -1;
  }

  /** A descriptor to close, -1 if none. */
  private int give(Descriptor d) {
    d.users--;
    if (d.retired) {
      return d.users == 0 ? d.fd : -1;
    }
    if (open.size() <= LIMIT) {
      return -1;
    }
    Iterator<Descriptor> oldestFirst = open.values().iterator();
    while (oldestFirst.hasNext()) {
      Descriptor candidate = oldestFirst.next();
      if (candidate.users == 0) {
        oldestFirst.remove();
        return candidate.fd;
      }
    }
    return -1;
  }
}
