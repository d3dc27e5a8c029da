package io.loomvisor.runtime.network;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.runtime.host.InternetSockets;
import io.loomvisor.runtime.lock.KeeperLock;
import io.loomvisor.runtime.oci.control.Messages;
import java.io.IOException;
import java.util.Arrays;

/**
 * The process that makes sockets of the sandbox's network namespace for a sentry that is locked in:
 * of interfaces that come later (docker network connect), and to Docker's name server. It is in
 * that namespace with CAP_NET_ADMIN and CAP_NET_RAW, has an empty root directory and a filter with
 * the sentry's few calls and those on sockets (docs/security.md).
 *
 * <p>The sentry may have been taken over: it can say which of two things it wants, and nothing of
 * what it gets, which is decided by what is in the namespace. Requests and answers:
 *
 * <pre>
 *   {"want": "interfaces"}          ▶
 *                                   ◀  {"link": {...}}, packet socket, two ends of a pipe: for each
 *                                   ◀  {"resolver": true}, a UDP socket: once there is one
 *   {"want": "stream", "number": N} ▶
 *                                   ◀  {"number": N}, a TCP socket, or none if it cannot be had
 * </pre>
 */
public final class NetworkKeeper {
  private final int socket;
  private final RouteNetlink host;
  private final ResolverRelay.Presence presence;
  private boolean resolver;

  private NetworkKeeper(int socket, boolean resolver) throws IOException {
    this.socket = socket;
    this.resolver = resolver;
    this.host = new RouteNetlink();
    this.presence = new ResolverRelay.Presence();
  }

  /**
   * Serves until the sentry has ended; the exit status.
   *
   * @param resolver whether the sentry has its UDP socket already
   */
  public static int serve(int socket, boolean resolver) throws IOException {
    NetworkKeeper keeper = new NetworkKeeper(socket, resolver);
    keeper.host.links(); // also loads what the lock would hide
    KeeperLock.engage();
    keeper.run();
    return 0;
  }

  private void run() throws IOException {
    for (JsonObject m = next(); m != null; m = next()) {
      switch (m.has("want") ? m.get("want").getAsString() : "") {
        case "interfaces" -> interfaces();
        case "stream" -> stream(m.get("number").getAsInt());
        default -> {
          return; // no sentry of ours
        }
      }
    }
  }

  private JsonObject next() {
    Messages.Message message = Messages.receive(socket);
    Arrays.stream(message.descriptors()).forEach(DescriptorCalls::close);
    return message.json();
  }

  private void interfaces() throws IOException {
    boolean appeared = presence.now() && !resolver;
    for (HostLink link : host.links()) {
      boolean taken = Takeover.isTaken(link);
      if (taken && appeared) {
        HostRules.answers(host, link);
      } else if (!taken && link.up() && link.isEthernet() && !link.addresses().isEmpty()) {
        hand(link, resolver || appeared);
      }
    }
    if (appeared) {
      resolver = true;
      JsonObject o = new JsonObject();
      o.addProperty("resolver", true);
      send(o, InternetSockets.connectDatagram(ResolverRelay.RESOLVER, ResolverRelay.DNS));
    }
  }

  private void hand(HostLink link, boolean besideResolver) throws IOException {
    int fd = Takeover.detach(host, link, besideResolver);
    int[] wake = FdLink.wakePipe();
    JsonObject o = new JsonObject();
    o.add("link", LinkText.of(link));
    send(o, fd, wake[0], wake[1]);
  }

  private void stream(int number) {
    JsonObject o = new JsonObject();
    o.addProperty("number", number);
    try {
      send(o, InternetSockets.connectStream(ResolverRelay.RESOLVER, ResolverRelay.DNS));
    } catch (IOException e) {
      send(o); // refused: there is none
    }
  }

  /** Gives the descriptors away. */
  private void send(JsonObject message, int... descriptors) {
    try {
      Messages.send(socket, message, descriptors);
    } catch (LinuxException e) {
      // The sentry has ended: so will this.
      assert e.errno() != null;
    } finally {
      Arrays.stream(descriptors).forEach(DescriptorCalls::close);
    }
  }
}
