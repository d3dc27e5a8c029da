package io.loomvisor.net.wire;

/** A 48-bit Ethernet address in the low bits of {@code value}. */
public record MacAddress(long value) {
  public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);
  public static final MacAddress ZERO = new MacAddress(0);

  public MacAddress {
    if (value >>> 48 != 0) {
      throw new IllegalArgumentException("more than 48 bits");
    }
  }

  public static long readValue(byte[] a, int at) {
    return (long) Bytes.u16(a, at) << 32 | Bytes.u32(a, at + 2);
  }

  public static MacAddress read(byte[] a, int at) {
    return new MacAddress(readValue(a, at));
  }

  public static MacAddress parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 6) {
      throw new IllegalArgumentException("not a MAC address: " + text);
    }
    long v = 0;
    for (String p : parts) {
      v = v << 8 | Integer.parseInt(p, 16) & 0xff;
    }
    return new MacAddress(v);
  }

  public void write(byte[] a, int at) {
    Bytes.put16(a, at, (int) (value >>> 32));
    Bytes.put32(a, at + 2, (int) value);
  }

  /** The group bit: broadcast and multicast. */
  public boolean isGroup() {
    return (value >>> 40 & 1) != 0;
  }

  /** RFC 1112 section 6.4 and RFC 2464 section 7. */
  public static MacAddress ofMulticast(IpAddress group) {
    return group.v6()
        ? new MacAddress(0x3333_0000_0000L | group.lo() & 0xffff_ffffL)
        : new MacAddress(0x0100_5e00_0000L | group.lo() & 0x7f_ffff);
  }

  /** The modified EUI-64 interface identifier (RFC 4291 appendix A). */
  public long interfaceIdentifier() {
    long oui = value >>> 24;
    long nic = value & 0xff_ffff;
    return (oui << 40 | 0xff_fe00_0000L | nic) ^ 0x0200_0000_0000_0000L;
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(17);
    for (int i = 40; i >= 0; i -= 8) {
      int b = (int) (value >>> i) & 0xff;
      s.append(Character.forDigit(b >>> 4, 16))
          .append(Character.forDigit(b & 15, 16))
          .append(i == 0 ? "" : ":");
    }
    return s.toString();
  }
}
