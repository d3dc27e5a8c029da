package io.loomvisor.net.ip;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.GroupQuery;
import io.loomvisor.net.wire.GroupQuery.GroupRecord;
import io.loomvisor.net.wire.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tells multicast routers which groups this host listens to: the host's part of IGMPv3 (RFC 3376)
 * and MLDv2 (RFC 3810), and of the older versions while a router speaks them (RFC 3376 section 7,
 * RFC 3810 section 8). One instance for each IP version; what differs between them is a {@link
 * GroupMessages}. There are no source filters, so a group is listened to from everybody or not.
 */
final class GroupReports extends Mailbox {
  /** RFC 3376 section 8.1: each change is said this many times. */
  private static final int ROBUSTNESS = 2;

  /** RFC 3376 section 8.11, and RFC 2236 section 8.10 for the older version. */
  private static final long UNSOLICITED_INTERVAL = Clock.SECOND;

  private static final long OLD_UNSOLICITED_INTERVAL = 10 * Clock.SECOND;

  /** RFC 3376 section 8.12, with the default values of what it is made of; RFC 2236 section 4. */
  private static final long OLDER_QUERIER = 260 * Clock.SECOND;

  private static final long OLDEST_QUERIER = 400 * Clock.SECOND;

  /** Bytes of records in one report: they fit into the smallest MTU of IPv6. */
  private static final int MAX_RECORDS = 1200;

  private final Clock clock;
  private final GroupMessages messages;
  private final Map<Nic, Interface> interfaces = new HashMap<>();

  GroupReports(Clock clock, GroupMessages messages) {
    this.clock = clock;
    this.messages = messages;
  }

  /** The first member of {@code group} on {@code nic}. */
  void joined(Nic nic, IpAddress group) {
    tell(() -> changed(nic, group, true));
  }

  /** The last member has left. */
  void left(Nic nic, IpAddress group) {
    tell(() -> changed(nic, group, false));
  }

  void queried(Nic nic, GroupQuery q) {
    tell(() -> onQuery(nic, q));
  }

  /** Another host has reported {@code group} in an old message: one report is enough. */
  void reported(Nic nic, IpAddress group) {
    tell(
        () -> {
          Interface i = interfaces.get(nic);
          Membership m = i == null ? null : i.memberships.get(group);
          if (m != null && i.version() < 3) {
            m.answer = cancel(m.answer);
          }
        });
  }

  /** Says of all groups once more that they are listened to. */
  void again(Nic nic) {
    tell(
        () -> {
          Interface i = interfaces.get(nic);
          if (i != null) {
            for (Membership m : List.copyOf(i.memberships.values())) {
              changed(nic, m.group, m.member);
            }
          }
        });
  }

  /** The interface is gone. */
  void forget(Nic nic) {
    tell(
        () -> {
          Interface i = interfaces.remove(nic);
          if (i != null) {
            i.cancelAll();
          }
        });
  }

  private void changed(Nic nic, IpAddress group, boolean member) {
    Interface i = interfaces.computeIfAbsent(nic, Interface::new);
    Membership m = i.memberships.get(group);
    if (m == null) {
      if (!member) {
        return;
      }
      m = new Membership(group);
      i.memberships.put(group, m);
    }
    m.member = member;
    m.announcements = ROBUSTNESS;
    if (!member) {
      m.answer = cancel(m.answer);
    }
    announce(i, m);
  }

  private void announce(Interface i, Membership m) {
    m.repeat = cancel(m.repeat);
    int version = i.version();
    if (version == 3) {
      int type = m.member ? GroupRecord.CHANGE_TO_EXCLUDE_MODE : GroupRecord.CHANGE_TO_INCLUDE_MODE;
      messages.report(i.nic, List.of(new GroupRecord(type, m.group, List.of())));
    } else if (m.member) {
      messages.oldReport(i.nic, version, m.group);
    } else if (version == 2) {
      messages.oldLeave(i.nic, m.group);
    }
    if (--m.announcements > 0) {
      long most = version == 3 ? UNSOLICITED_INTERVAL : OLD_UNSOLICITED_INTERVAL;
      m.repeat = later(random(most), () -> announce(i, m));
    } else if (!m.member) {
      i.memberships.remove(m.group);
    }
  }

  private void onQuery(Nic nic, GroupQuery q) {
    Interface i = interfaces.computeIfAbsent(nic, Interface::new);
    i.heard(q.version());
    long delay = random(q.maxDelayMillis() * Clock.MILLISECOND);
    if (!q.group().isUnspecified()) {
      Membership m = i.memberships.get(q.group());
      if (m != null && m.member) {
        answerLater(i, m, delay, q.sources());
      }
    } else if (i.version() < 3) {
      for (Membership m : i.memberships.values()) {
        if (m.member) {
          answerLater(i, m, random(q.maxDelayMillis() * Clock.MILLISECOND), List.of());
        }
      }
    } else if (i.general == null || i.generalAt > clock.nanoTime() + delay) {
      i.general = cancel(i.general);
      i.generalAt = clock.nanoTime() + delay;
      i.general = later(delay, () -> answerAll(i));
    }
  }

  /** RFC 3376 section 5.2, rules 1 and 3 to 5. */
  private void answerLater(Interface i, Membership m, long delay, List<IpAddress> sources) {
    long at = clock.nanoTime() + delay;
    if (i.general != null && i.generalAt <= at) {
      return;
    }
    boolean pending = m.answer != null;
    if (!pending) {
      m.sources = sources;
    } else if (sources.isEmpty() || m.sources.isEmpty()) {
      m.sources = List.of();
    } else {
      m.sources = union(m.sources, sources);
    }
    if (!pending || at < m.answerAt) {
      m.answer = cancel(m.answer);
      m.answerAt = at;
      m.answer = later(delay, () -> answer(i, m));
    }
  }

  /** Too many to fit into a report: all. */
  private static List<IpAddress> union(List<IpAddress> a, List<IpAddress> b) {
    List<IpAddress> all = new ArrayList<>(a);
    b.stream().filter(x -> !a.contains(x)).forEach(all::add);
    return all.size() * 16 < MAX_RECORDS ? List.copyOf(all) : List.of();
  }

  private void answer(Interface i, Membership m) {
    m.answer = null;
    int version = i.version();
    if (version < 3) {
      messages.oldReport(i.nic, version, m.group);
    } else {
      boolean some = !m.sources.isEmpty();
      int type = some ? GroupRecord.MODE_IS_INCLUDE : GroupRecord.MODE_IS_EXCLUDE;
      messages.report(i.nic, List.of(new GroupRecord(type, m.group, m.sources)));
    }
  }

  private void answerAll(Interface i) {
    i.general = null;
    List<GroupRecord> records = new ArrayList<>();
    int bytes = 0;
    for (Membership m : i.memberships.values()) {
      GroupRecord r = new GroupRecord(GroupRecord.MODE_IS_EXCLUDE, m.group, List.of());
      if (m.member) {
        if (bytes + r.length() > MAX_RECORDS) {
          messages.report(i.nic, records);
          records.clear();
          bytes = 0;
        }
        records.add(r);
        bytes += r.length();
      }
    }
    if (!records.isEmpty()) {
      messages.report(i.nic, records);
    }
  }

  private static long random(long most) {
    return most <= 0 ? 0 : ThreadLocalRandom.current().nextLong(most);
  }

  private Clock.Timer later(long delay, Runnable action) {
    return clock.schedule(clock.nanoTime() + delay, () -> tell(action));
  }

  private static Clock.Timer cancel(Clock.Timer t) {
    if (t != null) {
      t.cancel();
    }
    return null;
  }

  /** How messages of one IP version look. */
  interface GroupMessages {
    void report(Nic nic, List<GroupRecord> records);

    void oldReport(Nic nic, int version, IpAddress group);

    void oldLeave(Nic nic, IpAddress group);
  }

  private static final class Membership {
    final IpAddress group;
    boolean member;

    /** How often the last change is still to be said. */
    int announcements;

    Clock.Timer repeat;
    Clock.Timer answer;
    long answerAt;
    List<IpAddress> sources = List.of();

    Membership(IpAddress group) {
      this.group = group;
    }
  }

  private final class Interface {
    final Nic nic;
    final Map<IpAddress, Membership> memberships = new HashMap<>();
    Clock.Timer general;
    long generalAt;
    private long oldUntil = Long.MIN_VALUE;
    private long oldestUntil = Long.MIN_VALUE;

    Interface(Nic nic) {
      this.nic = nic;
    }

    int version() {
      long now = clock.nanoTime();
      return now < oldestUntil ? 1 : now < oldUntil ? 2 : 3;
    }

    /** RFC 3376 section 7.2.1: with the version changes what is under way. */
    void heard(int version) {
      int before = version();
      if (version == 1) {
        oldestUntil = clock.nanoTime() + OLDEST_QUERIER;
      } else if (version == 2) {
        oldUntil = clock.nanoTime() + OLDER_QUERIER;
      }
      if (version() != before) {
        cancelAll();
        memberships.values().removeIf(m -> !m.member);
      }
    }

    void cancelAll() {
      general = cancel(general);
      for (Membership m : memberships.values()) {
        m.repeat = cancel(m.repeat);
        m.answer = cancel(m.answer);
      }
    }
  }
}
