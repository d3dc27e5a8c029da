package io.loomvisor.net.wire;

/**
 * An IPv4 or IPv6 address. An IPv4 address has {@code hi == 0} and its 32 bits in the low half of
 * {@code lo}. IPv4-mapped IPv6 addresses are IPv6 here; {@link #unmapped} turns them into IPv4.
 */
public record IpAddress(boolean v6, long hi, long lo) {
  public static final IpAddress ANY4 = v4(0);
  public static final IpAddress ANY6 = v6(0, 0);
  public static final IpAddress LOOPBACK4 = v4(0x7f00_0001);
  public static final IpAddress LOOPBACK6 = v6(0, 1);
  public static final IpAddress BROADCAST4 = v4(-1);
  public static final IpAddress ALL_NODES6 = v6(0xff02_0000_0000_0000L, 1);
  public static final IpAddress ALL_ROUTERS6 = v6(0xff02_0000_0000_0000L, 2);
  public static final IpAddress ALL_HOSTS4 = v4(0xe000_0001);

  public IpAddress {
    if (!v6 && (hi != 0 || lo >>> 32 != 0)) {
      throw new IllegalArgumentException("not an IPv4 address");
    }
  }

  public static IpAddress v4(int address) {
    return new IpAddress(false, 0, address & 0xffff_ffffL);
  }

  public static IpAddress v6(long hi, long lo) {
    return new IpAddress(true, hi, lo);
  }

  public static IpAddress any(boolean v6) {
    return v6 ? ANY6 : ANY4;
  }

  /** Reads 4 or 16 bytes. */
  public static IpAddress read(byte[] a, int at, boolean v6) {
    return v6 ? v6(Bytes.i64(a, at), Bytes.i64(a, at + 8)) : v4(Bytes.i32(a, at));
  }

  /** Dotted quad or RFC 4291 text; no host names, no zones. */
  public static IpAddress parse(String text) {
    return IpText.parse(text);
  }

  public void write(byte[] a, int at) {
    if (v6) {
      Bytes.put64(a, at, hi);
      Bytes.put64(a, at + 8, lo);
    } else {
      Bytes.put32(a, at, (int) lo);
    }
  }

  public int bits() {
    return v6 ? 128 : 32;
  }

  public int intValue() {
    return (int) lo;
  }

  public boolean isUnspecified() {
    return hi == 0 && lo == 0;
  }

  public boolean isLoopback() {
    return v6 ? hi == 0 && lo == 1 : lo >>> 24 == 127;
  }

  public boolean isMulticast() {
    return v6 ? hi >>> 56 == 0xff : lo >>> 28 == 0xe;
  }

  public boolean isLimitedBroadcast() {
    return !v6 && lo == 0xffff_ffffL;
  }

  public boolean isLinkLocal() {
    return v6 ? hi >>> 54 == 0x3fa : lo >>> 16 == 0xa9fe;
  }

  /** IPv4 240/4 apart from the limited broadcast, and 0/8 apart from 0.0.0.0 itself. */
  public boolean isReserved4() {
    return !v6 && (lo >>> 28 == 0xf && !isLimitedBroadcast() || lo >>> 24 == 0 && lo != 0);
  }

  public boolean isMapped() {
    return v6 && hi == 0 && lo >>> 32 == 0xffff;
  }

  /** The IPv4 address inside an IPv4-mapped one; any other address unchanged. */
  public IpAddress unmapped() {
    return isMapped() ? v4((int) lo) : this;
  }

  /** The IPv4-mapped form of an IPv4 address; an IPv6 address unchanged. */
  public IpAddress mapped() {
    return v6 ? this : v6(0, 0xffff_0000_0000L | lo);
  }

  /** The first {@code length} bits, the rest zero. */
  public IpAddress masked(int length) {
    if (length < 0 || length > bits()) {
      throw new IllegalArgumentException("prefix length " + length);
    }
    if (!v6) {
      return length == 0 ? ANY4 : v4((int) lo & -1 << (32 - length));
    }
    long h = length >= 64 ? hi : length == 0 ? 0 : hi & -1L << (64 - length);
    long l = length <= 64 ? 0 : lo & -1L << (128 - length);
    return v6(h, l);
  }

  /** The address with all host bits set: the directed broadcast of an IPv4 prefix. */
  public IpAddress broadcast(int length) {
    return v4((int) lo | (length == 0 ? -1 : length == 32 ? 0 : -1 >>> length));
  }

  /** RFC 4291 section 2.7.1: ff02::1:ffXX:XXXX. */
  public IpAddress solicitedNode() {
    return v6(0xff02_0000_0000_0000L, 0x1_ff00_0000L | lo & 0xff_ffff);
  }

  /** By hand, as the JDK spins classes for a record's own when it is first called. */
  @Override
  public boolean equals(Object other) {
    return other instanceof IpAddress a && v6 == a.v6 && hi == a.hi && lo == a.lo;
  }

  @Override
  public int hashCode() {
    return Boolean.hashCode(v6) + 31 * (Long.hashCode(hi) + 31 * Long.hashCode(lo));
  }

  @Override
  public String toString() {
    return IpText.format(this);
  }
}
