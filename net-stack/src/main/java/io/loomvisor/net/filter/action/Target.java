package io.loomvisor.net.filter.action;

import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.nat.NatRange;
import java.util.EnumSet;
import java.util.Set;

/** What a rule does with a packet that it matches. */
public sealed interface Target {
  Target ACCEPT = new Accept();
  Target DROP = new Drop();
  Target RETURN = new Return();

  /** The rest of this table is not asked. */
  record Accept() implements Target {}

  record Drop() implements Target {}

  /** Back to the calling chain; in a built-in one, to the policy. */
  record Return() implements Target {}

  /** To another chain, and back here if that decides nothing. */
  record Jump(String chain) implements Target {}

  /** To another chain, and back to where this one was called. */
  record Goto(String chain) implements Target {}

  record Reject(RejectWith with) implements Target {
    @Override
    public Set<Hook> hooks() {
      return EnumSet.of(Hook.INPUT, Hook.FORWARD, Hook.OUTPUT);
    }

    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.FILTER, this, table);
      if (!with.fits(v6)) {
        throw new IllegalArgumentException(with.text() + " is of the other IP version");
      }
    }
  }

  /** Writes a line about the packet and goes on. */
  record Log(String prefix, int level) implements Target {
    /** Of the prefix, as in Linux. */
    public static final int MAX_PREFIX = 29;

    public Log {
      if (prefix.length() > MAX_PREFIX) {
        throw new IllegalArgumentException("a prefix longer than " + MAX_PREFIX);
      }
    }
  }

  /** mark = mark &amp; ~mask ^ value, and goes on. */
  record Mark(int value, int mask) implements Target {
    @Override
    public void check(TableName table, boolean v6) {
      require(table != TableName.FILTER, this, table);
    }
  }

  /** The packet is not to be tracked; goes on. */
  record NoTrack() implements Target {
    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.RAW, this, table);
    }
  }

  /** New destination of the connection. */
  record Dnat(NatRange range) implements Target {
    @Override
    public Set<Hook> hooks() {
      return EnumSet.of(Hook.PREROUTING, Hook.OUTPUT);
    }

    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.NAT, this, table);
      version(range, v6);
    }
  }

  /** New source of the connection. */
  record Snat(NatRange range) implements Target {
    @Override
    public Set<Hook> hooks() {
      return EnumSet.of(Hook.POSTROUTING, Hook.INPUT);
    }

    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.NAT, this, table);
      version(range, v6);
    }
  }

  /** The address of the interface it leaves by becomes its source; the range has no address. */
  record Masquerade(NatRange ports) implements Target {
    @Override
    public Set<Hook> hooks() {
      return EnumSet.of(Hook.POSTROUTING);
    }

    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.NAT, this, table);
    }
  }

  /** This host itself becomes the destination; the range has no address. */
  record Redirect(NatRange ports) implements Target {
    @Override
    public Set<Hook> hooks() {
      return EnumSet.of(Hook.PREROUTING, Hook.OUTPUT);
    }

    @Override
    public void check(TableName table, boolean v6) {
      require(table == TableName.NAT, this, table);
    }
  }

  /** The hooks from which it may be reached. */
  default Set<Hook> hooks() {
    return EnumSet.allOf(Hook.class);
  }

  /** Throws IllegalArgumentException if it may not stand in this table. */
  default void check(TableName table, boolean v6) {}

  private static void require(boolean good, Target t, TableName table) {
    if (!good) {
      throw new IllegalArgumentException(t + " cannot be in table " + table.text());
    }
  }

  private static void version(NatRange r, boolean v6) {
    if (r.first() != null && r.first().v6() != v6) {
      throw new IllegalArgumentException(r.first() + " is of the other IP version");
    }
  }
}
