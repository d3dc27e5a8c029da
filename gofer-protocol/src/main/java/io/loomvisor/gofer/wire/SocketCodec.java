package io.loomvisor.gofer.wire;

/** The fields of {@link Request.Socket}: a number for the kind, then what that has. */
final class SocketCodec {
  private static final int CREATE = 1;
  private static final int BIND = 2;
  private static final int CONNECT = 3;
  private static final int LISTEN = 4;
  private static final int ACCEPT = 5;
  private static final int NAME = 6;
  private static final int GET_OPTION = 7;
  private static final int SET_OPTION = 8;
  private static final int QUERY = 9;
  private static final int CLOSE = 10;

  private SocketCodec() {}

  static void encode(SocketRequest request, WireWriter w) {
    switch (request) {
      case SocketRequest.Create(int domain, int type, int protocol) ->
          words(w, CREATE, domain, type, protocol);
      case SocketRequest.Bind(int handle, byte[] address) -> {
        words(w, BIND, handle);
        w.blob(address, SocketRequest.MAX_ADDRESS);
      }
      case SocketRequest.Connect(int handle, byte[] address) -> {
        words(w, CONNECT, handle);
        w.blob(address, SocketRequest.MAX_ADDRESS);
      }
      case SocketRequest.Listen(int handle, int backlog) -> words(w, LISTEN, handle, backlog);
      case SocketRequest.Accept(int handle) -> words(w, ACCEPT, handle);
      case SocketRequest.Name(int handle, boolean peer) -> {
        words(w, NAME, handle);
        w.flag(peer);
      }
      case SocketRequest.GetOption(int handle, int level, int option, int room) ->
          words(w, GET_OPTION, handle, level, option, room);
      case SocketRequest.SetOption(int handle, int level, int option, byte[] value) -> {
        words(w, SET_OPTION, handle, level, option);
        w.blob(value, SocketRequest.MAX_VALUE);
      }
      case SocketRequest.Query(int handle, int what) -> words(w, QUERY, handle, what);
      case SocketRequest.Close(int handle) -> words(w, CLOSE, handle);
    }
  }

  private static void words(WireWriter w, int kind, int... fields) {
    w.u8(kind);
    for (int f : fields) {
      w.i32(f);
    }
  }

  static SocketRequest decode(WireReader r) {
    int kind = r.u8();
    return switch (kind) {
      case CREATE -> new SocketRequest.Create(r.i32(), r.i32(), r.i32());
      case BIND -> new SocketRequest.Bind(r.i32(), address(r));
      case CONNECT -> new SocketRequest.Connect(r.i32(), address(r));
      case LISTEN -> new SocketRequest.Listen(r.i32(), r.i32());
      case ACCEPT -> new SocketRequest.Accept(r.i32());
      case NAME -> new SocketRequest.Name(r.i32(), r.flag());
      case GET_OPTION -> new SocketRequest.GetOption(r.i32(), r.i32(), r.i32(), room(r));
      case SET_OPTION ->
          new SocketRequest.SetOption(r.i32(), r.i32(), r.i32(), r.blob(SocketRequest.MAX_VALUE));
      case QUERY -> new SocketRequest.Query(r.i32(), r.i32());
      case CLOSE -> new SocketRequest.Close(r.i32());
      default -> throw new ProtocolException("no request about sockets of kind " + kind);
    };
  }

  private static byte[] address(WireReader r) {
    return r.blob(SocketRequest.MAX_ADDRESS);
  }

  private static int room(WireReader r) {
    int room = r.i32();
    if (room < 0 || room > SocketRequest.MAX_VALUE) {
      throw new ProtocolException("room out of range");
    }
    return room;
  }
}
