package io.loomvisor.runtime.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;

/** An interface as {@link NetworkKeeper} tells the sentry of it: JSON both ways. */
final class LinkText {
  private static final int ARPHRD_ETHER = 1;

  private LinkText() {}

  static JsonObject of(HostLink link) {
    JsonObject o = new JsonObject();
    o.addProperty("index", link.index());
    o.addProperty("name", link.name());
    o.addProperty("mtu", link.mtu());
    o.addProperty("mac", link.mac().toString());
    JsonArray addresses = new JsonArray();
    for (HostLink.Address a : link.addresses()) {
      addresses.add(prefix(a.address(), a.prefixLength()));
    }
    o.add("addresses", addresses);
    JsonArray routes = new JsonArray();
    for (HostLink.Way w : link.routes()) {
      JsonObject r = prefix(w.prefix(), w.length());
      r.addProperty("metric", w.metric());
      put(r, "gateway", w.gateway());
      put(r, "source", w.source());
      routes.add(r);
    }
    o.add("routes", routes);
    JsonArray neighbors = new JsonArray();
    for (HostLink.Neighbor n : link.neighbors()) {
      JsonObject e = new JsonObject();
      put(e, "address", n.address());
      e.addProperty("mac", n.mac().toString());
      neighbors.add(e);
    }
    o.add("neighbors", neighbors);
    return o;
  }

  private static JsonObject prefix(IpAddress address, int length) {
    JsonObject o = new JsonObject();
    put(o, "address", address);
    o.addProperty("length", length);
    return o;
  }

  private static void put(JsonObject o, String name, IpAddress address) {
    if (address != null) {
      o.addProperty(name, address.toString());
    }
  }

  static HostLink parse(JsonObject o) {
    List<HostLink.Address> addresses = new ArrayList<>();
    for (JsonElement e : o.getAsJsonArray("addresses")) {
      JsonObject a = e.getAsJsonObject();
      addresses.add(new HostLink.Address(ip(a, "address"), a.get("length").getAsInt()));
    }
    List<HostLink.Way> routes = new ArrayList<>();
    for (JsonElement e : o.getAsJsonArray("routes")) {
      JsonObject r = e.getAsJsonObject();
      routes.add(
          new HostLink.Way(
              ip(r, "address"),
              r.get("length").getAsInt(),
              ip(r, "gateway"),
              ip(r, "source"),
              r.get("metric").getAsInt()));
    }
    List<HostLink.Neighbor> neighbors = new ArrayList<>();
    for (JsonElement e : o.getAsJsonArray("neighbors")) {
      JsonObject n = e.getAsJsonObject();
      neighbors.add(
          new HostLink.Neighbor(ip(n, "address"), MacAddress.parse(n.get("mac").getAsString())));
    }
    return new HostLink(
        o.get("index").getAsInt(),
        o.get("name").getAsString(),
        ARPHRD_ETHER,
        true,
        o.get("mtu").getAsInt(),
        MacAddress.parse(o.get("mac").getAsString()),
        null,
        addresses,
        routes,
        neighbors);
  }

  private static IpAddress ip(JsonObject o, String name) {
    return o.has(name) ? IpAddress.parse(o.get(name).getAsString()) : null;
  }
}
