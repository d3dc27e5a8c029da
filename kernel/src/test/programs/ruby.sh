# needs: ruby
# Threads with a lock over all of them, fork, pipes, sockets, signals.
ruby -e '
require "socket"; require "digest"; require "open3"; require "tmpdir"; require "timeout"
server = TCPServer.new("127.0.0.1", 0)
thread = Thread.new { peer = server.accept; peer.puts peer.gets.upcase; peer.close }
socket = TCPSocket.new("127.0.0.1", server.addr[1]); socket.puts "abc"; puts socket.gets; thread.join
puts Digest::SHA256.hexdigest("x" * 100_000)
reader, writer = IO.pipe
pid = fork { reader.close; writer.puts "child"; exit! 3 }
writer.close; puts reader.read; Process.wait pid; puts $?.exitstatus
puts (1..50).map { |i| Thread.new { sleep 0.01; i * i } }.sum(&:value)
queue = Queue.new; trap("USR1") { queue << "USR1" }; Process.kill "USR1", $$; puts queue.pop
out, status = Open3.capture2("tr a-z A-Z", stdin_data: "shout"); puts out, status.success?
Dir.mktmpdir { |d| File.write("#{d}/f", "a" * 100_000); File.open("#{d}/f") { |f| f.flock File::LOCK_EX; puts f.size }; puts Dir.children(d) }
begin; Timeout.timeout(0.05) { reader2, _w = IO.pipe; reader2.read }; rescue Timeout::Error; puts "timed out"; end
'
echo $?
