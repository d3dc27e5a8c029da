package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import java.util.HexFormat;

/** class/net with links to devices/virtual/net, one directory per interface. */
final class NetTree {
  private static final int IFF_UP = 1;
  private static final int IFF_LOOPBACK = 8;

  private NetTree() {}

  static void fill(SyntheticFilesystem filesystem, StaticDirectory root, NetworkView network) {
    StaticDirectory links = root.directory("class").directory("net");
    StaticDirectory devices = root.directory("devices").directory("virtual").directory("net");
    for (NetworkView.Interface i : network.interfaces()) {
      StaticDirectory d = devices.directory(i.name());
      interfaceFiles(filesystem, d, i);
      links.link(i.name(), "../../devices/virtual/net/" + i.name());
    }
  }

  private static void interfaceFiles(
      SyntheticFilesystem filesystem, StaticDirectory d, NetworkView.Interface i) {
    boolean loopback = (i.flags() & IFF_LOOPBACK) != 0;
    add(filesystem, d, "address", HexFormat.ofDelimiter(":").formatHex(i.hardwareAddress()));
    add(filesystem, d, "addr_len", Integer.toString(i.hardwareAddress().length));
    add(filesystem, d, "broadcast", loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
    add(filesystem, d, "carrier", (i.flags() & IFF_UP) != 0 ? "1" : "0");
    add(filesystem, d, "flags", "0x" + Integer.toHexString(i.flags() & 0xFFFF));
    add(filesystem, d, "ifindex", Integer.toString(i.index()));
    add(filesystem, d, "iflink", Integer.toString(i.index()));
    add(filesystem, d, "mtu", Integer.toString(i.mtu()));
    add(
        filesystem,
        d,
        "operstate",
        loopback ? "unknown" : (i.flags() & IFF_UP) != 0 ? "up" : "down");
    add(filesystem, d, "tx_queue_len", "1000");
    add(filesystem, d, "type", Integer.toString(i.hardwareType()));
  }

  private static void add(
      SyntheticFilesystem filesystem, StaticDirectory d, String name, String value) {
    d.add(name, new Attribute(filesystem, () -> value));
  }
}
