# needs: go
# Goroutines on threads that the runtime preempts by signals, its poller, children, timers; the compiler of many processes.
d=$(mktemp -d) && cd "$d" || exit 1
export HOME="$d" GOCACHE="$d/cache" GOFLAGS=-mod=mod GOTOOLCHAIN=local
cat >main.go <<'END'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var all sync.WaitGroup
	numbers := make(chan int, 10)
	for i := 0; i < 1000; i++ {
		i := i // versions before 1.22 have one variable for all rounds
		all.Add(1)
		go func() { defer all.Done(); numbers <- i }()
	}
	go func() { all.Wait(); close(numbers) }()
	sum := 0
	for n := range numbers {
		sum += n
	}
	fmt.Println("sum", sum)

	spinning := make(chan bool)
	for i := 0; i < 4; i++ {
		go func() {
			for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
			}
			spinning <- true
		}()
	}
	for i := 0; i < 4; i++ {
		runtime.GC()
		<-spinning
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "served ", r.URL.Path) }))
	for i := 0; i < 50; i++ {
		answer, err := http.Get("http://" + listener.Addr().String() + "/x")
		must(err)
		text, err := io.ReadAll(answer.Body)
		must(err)
		answer.Body.Close()
		if string(text) != "served /x" {
			panic(string(text))
		}
	}
	connection, err := net.Dial("tcp", listener.Addr().String())
	must(err)
	must(connection.SetReadDeadline(time.Now().Add(20 * time.Millisecond)))
	_, err = connection.Read(make([]byte, 1))
	fmt.Println("deadline", err.(net.Error).Timeout())

	out, err := exec.Command("echo", "from a child").Output()
	fmt.Print(string(out), err, "\n")
	fmt.Println(exec.Command("sh", "-c", "kill -9 $$").Run())

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	must(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	fmt.Println(<-signals)

	must(os.WriteFile("file", make([]byte, 1<<20), 0o640))
	info, err := os.Stat("file")
	must(err)
	fmt.Println(info.Size(), info.Mode())
}
END
go run main.go; echo $?
chmod -R u+w "$d"; rm -rf "$d"
