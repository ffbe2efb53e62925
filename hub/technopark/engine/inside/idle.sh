# Process 1 of a container whose server is forked into it: ends when the server ends, with its exit
# code, and passes signals on. Read by engine.forks. Without arguments it starts no program ever;
# with arguments, seconds and a command, it becomes that command where no server came in time, or
# at the signal URG, from whoever knows that none will come.

# A pipe with both ends here: the parent takes the writing end from us for the server, and what is
# our standard input while we do not `read`.
exec 7<&0
exec 8<<END

END
exec 9>/proc/self/fd/8
trap 'interrupted=1; bury' CHLD
for signal in TERM INT HUP QUIT USR1 USR2; do
    trap "interrupted=1; pass_on $signal" "$signal"
done

bury() { # whoever is left to process 1
    jobs >/dev/null
    [ -z "$timer" ] || kill -0 "$timer" 2>/dev/null || expect_nobody
}

expect_nobody() { # more: who has taken the pipe's writing end by now can write, and nobody else
    interrupted=1
    [ -z "$timer" ] || kill "$timer" 2>/dev/null
    timer=
    exec 9>&-
}

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
timer=
if [ $# -gt 0 ]; then
    trap expect_nobody URG
    sleep "$1" 7<&- 8<&- 9>&- &
    timer=$!
    shift
fi
read_line # the empty line above
read_line || exec "$@" <&7 7<&- 8<&-
server=$line
expect_nobody # without the server there is an end
line=
read_line
exit "${line:-137}"
