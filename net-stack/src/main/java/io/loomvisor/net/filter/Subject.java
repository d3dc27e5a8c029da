package io.loomvisor.net.filter;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.conntrack.Tracking;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpView;

/**
 * A packet as rules see it at one hook: it starts at its IP header. One thread uses it, for the
 * time of one hook.
 */
public final class Subject {
  private final IpLayer ip;
  private final PacketBuffer packet;
  private final IpView view;
  private final Hook hook;
  private final Nic in;
  private final Nic out;
  private IpAddress source;
  private IpAddress destination;

  /** {@code in}, {@code out}: null where there is none. The header has been checked. */
  Subject(IpLayer ip, Hook hook, Nic in, Nic out, PacketBuffer p) {
    this.ip = ip;
    this.hook = hook;
    this.in = in;
    this.out = out;
    this.packet = p;
    this.view = IpView.of(p.array(), p.start(), p.end());
  }

  /** False if the packet's headers do not lie inside it. */
  boolean isSound() {
    return view != null;
  }

  /** Its addresses have been rewritten. */
  void changed() {
    source = null;
    destination = null;
  }

  IpLayer ip() {
    return ip;
  }

  public Hook hook() {
    return hook;
  }

  public PacketBuffer packet() {
    return packet;
  }

  public byte[] array() {
    return packet.array();
  }

  public IpView view() {
    return view;
  }

  public IpAddress source() {
    if (source == null) {
      source = view.source(packet.array());
    }
    return source;
  }

  public IpAddress destination() {
    if (destination == null) {
      destination = view.destination(packet.array());
    }
    return destination;
  }

  /** Of the interface it came in by; empty if it did not. */
  public String in() {
    return in == null ? "" : in.name();
  }

  public String out() {
    return out == null ? "" : out.name();
  }

  Nic inNic() {
    return in;
  }

  Nic outNic() {
    return out;
  }

  /** The one it came in by, or leaves by. */
  Nic nic() {
    return in != null ? in : out;
  }

  public int length() {
    return packet.length();
  }

  /** INVALID if nothing is known. */
  public Tracking tracking() {
    return packet.tracked instanceof Tracking t ? t : Tracking.INVALID;
  }

  public boolean isLocal(IpAddress a) {
    return ip.isLocal(a);
  }

  public boolean isBroadcast(IpAddress a) {
    return ip.isBroadcast(a);
  }

  /**
   * True if {@code a} is an address of the interface {@link #in} or, on the way out, {@link #out}.
   */
  public boolean isLocalToInterface(IpAddress a) {
    Nic n = nic();
    return n != null && n.addresses().stream().anyMatch(x -> x.address().equals(a));
  }
}
