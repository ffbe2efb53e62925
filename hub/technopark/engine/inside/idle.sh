# Process 1 of a container whose server is forked into it: ends when the server ends, with its exit
# code, and passes signals on. Read by engine.forked_containers; it must never start a program.

# A pipe with both ends here: the parent takes the writing end from us for the server, and what is
# our standard input while we do not `read`.
exec 7<&0
exec 8<<END

END
exec 9>/proc/self/fd/8
trap 'interrupted=1; jobs >/dev/null' CHLD # buries whoever is left to process 1
for signal in TERM INT HUP QUIT USR1 USR2; do
    trap "interrupted=1; pass_on $signal" "$signal"
done

pass_on() {
    [ -n "$server" ] || exit 143 # asked to end before there was a server
    kill -s "$1" "$server"
}

read_line() { # a signal interrupts `read`: once more, then
    while interrupted=; ! read -r line <&8; do
        [ -n "$interrupted" ] || return 1
    done
}

server=
read_line # the empty line above
read_line
server=$line
exec 9>&- # from here on the server alone can write: without it there is an end
line=
read_line
exit "${line:-137}"
