# needs: java
java -version 2>&1; echo "status $?"
