for i in $(seq 300); do echo $i | sed s/1/x/; done | sort | uniq -c | wc -l
