# lib.tcl: what every test script uses: TAP, builds of the stages, programs on pipes and terminals.
# make check runs the scripts in this folder; by hand: cd tests && expect build/loop@gcc.exp

log_user 0
set timeout 60
match_max -d 100000
set here [pwd]
set build $here/build
set strict [expr {[info exists env(STRICT)] && $env(STRICT) ne ""}]
set env(LC_ALL) C
# The make that runs this script is none of its makes' business.
foreach name {MAKEFLAGS MAKELEVEL MFLAGS CC CPPFLAGS CFLAGS LDFLAGS HOST} {
    unset -nocomplain env($name)
}
set recording [expr {[info exists env(RECORD)] && $env(RECORD) ne ""}]
if {$recording} {
    set env(RECORD) [file normalize [file join .. $env(RECORD)]]
}
set tests 0
set failed 0

# --- TAP -------------------------------------------------------------------------------------

proc ok {condition name} {
    incr ::tests
    puts "[expr {$condition ? "ok" : "not ok"}] $::tests - $name"
    if {!$condition} {incr ::failed}
    return $condition
}

proc is {got expected name} {
    if {![ok [expr {$got eq $expected}] $name]} {
        note "got:      [printable $got]"
        note "expected: [printable $expected]"
    }
}

proc like {got pattern name} {
    if {![ok [regexp -- $pattern $got] $name]} {
        note "got:     [printable $got]"
        note "pattern: $pattern"
    }
}

proc note {text} {
    foreach line [split $text \n] {puts "# $line"}
}

proc printable {text} {
    return [string map {\r \\r \n \\n \033 \\e} [string range $text 0 600]]
}

# A tool is missing: that is no failure, except where everything has to be there.
proc skip {name reason} {
    incr ::tests
    if {$::strict} {
        incr ::failed
        puts "not ok $::tests - $name: $reason, and STRICT is set"
    } else {
        puts "ok $::tests - $name # SKIP $reason"
    }
}

proc done {} {
    puts "1..$::tests"
    exit [expr {$::failed != 0}]
}

# --- builds ----------------------------------------------------------------------------------

# A script that runs once for each variant is called NAME@VARIANT.exp; see the Makefile.
proc variant {} {
    regexp {@(.*)\.exp$} [info script] all variant
    if {[file exists $::build/$variant/unavailable]} {
        skip $variant [string trim [read_file $::build/$variant/unavailable]]
        done
    }
    if {![ok [file exists $::build/$variant/built] "the stages build: $variant"]} {
        note [read_file $::build/$variant/broken]
        done
    }
    return $variant
}

proc variant_flags {variant} {
    return [exec $::here/variants flags $variant]
}

# The same as three words: compiler, compile flags and link flags.
proc variant_words {variant} {
    regexp {CC='(.*)' CFLAGS='(.*)' LDFLAGS='(.*)'} [variant_flags $variant] all cc cflags ldflags
    return [list $cc $cflags $ldflags]
}

proc read_file {name} {
    set file [open $name]
    fconfigure $file -translation binary
    set text [read $file]
    close $file
    return $text
}

# Never through a link: it could lead out of the scratch folder.
proc write_file {name text} {
    if {![catch {file readlink $name}]} {error "$name is a link"}
    set file [open $name w]
    fconfigure $file -translation binary
    puts -nonewline $file $text
    close $file
}

# A fresh folder below tests/build for this script.
proc scratch {} {
    set folder $::build/scratch/[file rootname [file tail [info script]]]
    file delete -force $folder
    file mkdir $folder
    return $folder
}

# Copies the sources, and what more is named, to a folder, without what was built there.
proc copy_sources {folder args} {
    file mkdir $folder/tests
    foreach name [concat Makefile common tutorial step-1 step-2 step-3 step-4 $args] {
        file copy $::here/../$name $folder/$name
    }
    run "make -C [quote $folder] distclean"
}

# A word for the shell.
proc quote {word} {
    return "'[string map {' '\\''} $word]'"
}

# Runs a shell command; returns its exit status, and its output in the variable named.
proc run {command {output output}} {
    upvar $output text
    set status 0
    if {[catch {exec sh -c "( $command ) 2>&1" </dev/null} text options]} {
        set code [dict get $options -errorcode]
        if {[lindex $code 0] eq "CHILDSTATUS"} {set status [lindex $code 2]} else {set status $code}
        regsub {\n?child process exited abnormally$} $text {} text
    }
    return $status
}

# The system calls that a stage's source lists, in order.
proc allowlist {source} {
    set names {}
    foreach {all name} [regexp -all -inline {ALLOW_SYSCALL\((\w+)\)} [read_file $source]] {
        lappend names $name
    }
    return $names
}

# Puts a call under the marker of step 3, as a learner does.
proc add_call {source name} {
    set marker "/* Add more syscalls here */"
    write_file $source [string map \
        [list $marker "$marker\n        ALLOW_SYSCALL($name),"] [read_file $source]]
}

# What verdicts --live said, without the two calls that kernels since 6.14 never show to a filter.
proc seen_by_filters {report} {
    regsub -all -line {^(> )?  x86_64 33[56]( \w+)?: the filter: [^,]*, the kernel: does not ask the filter$} $report {} report
    return $report
}

# --- the book's recorded runs ----------------------------------------------------------------

# The system, as the book names it.
proc system {} {
    run ". /etc/os-release && echo \$NAME \$VERSION_ID, \$(uname -m)" distribution
    if {[run "getconf GNU_LIBC_VERSION" libc]} {set libc musl}
    run "gcc -dumpfullversion" gcc
    regsub {GNU/Linux } $distribution {} distribution
    return "$distribution, $libc, gcc $gcc"
}

# Whether this is the system that the book's runs were recorded on.
proc same_system {} {
    return [expr {![catch {read_file $::here/../tutorial/data/system.txt} text] && $text eq "[system]\n"}]
}

# --- terminals -------------------------------------------------------------------------------

# Waits for a pattern on the terminal; returns what came up to its end. At a time-out or the end of
# the session the test script has failed.
proc await {pattern} {
    expect {
        -re $pattern {return $expect_out(buffer)}
        timeout {set what "nothing"}
        eof {set what "the end"}
    }
    ok 0 "waiting for $pattern"
    note "$what came after: [printable [expr {[info exists expect_out(buffer)] ? $expect_out(buffer) : ""}]]"
    done
}

# Starts an interactive shell on a terminal, under outlive, in a folder.
proc start_shell {folder} {
    global spawn_id env
    set env(PS1) {$ }
    set env(ENV) {}
    set env(TERM) dumb
    set back [pwd]
    cd $folder
    set ::orphans $folder/orphans
    set ::shell [spawn -noecho $::build/base/outlive $::orphans /bin/sh -i]
    cd $back
    set ::transcript {}
    await {\$ $}
    send "ulimit -c 0; stty cols 100\r"
    await {cols 100\r\n\$ $}
}

# Waits until the shell has no company: orphans of the last command have ended.
proc settle {} {
    for {set i 0} {$i < 3000} {incr i} {
        set children {}
        foreach stat [glob -nocomplain /proc/\[0-9\]*/stat] {
            if {![catch {read_file $stat} text] && [regexp {^(\d+) .*\) . (\d+) } $text all pid parent]
                && $parent == $::shell} {
                lappend children $pid
            }
        }
        if {[llength $children] <= 1} return
        after 20
    }
    ok 0 "orphans of the last command still run"
    done
}

# Types a command; an answer is typed at each prompt "Type stuff here: ". Returns what the terminal
# showed below it until the shell's prompt came back and all orphans had ended.
proc type {command {answer hello}} {
    send -- "$command\r"
    set shown {}
    expect {
        -re "Type stuff here: $" {
            append shown $expect_out(buffer)
            send -- "$answer\r"
            exp_continue
        }
        -re {\n\$ $|\n\$ (?=You should|Looks like)} {append shown $expect_out(buffer)}
        timeout {ok 0 "typing $command: no prompt comes back"; note [printable $shown]; done}
        eof {ok 0 "typing $command: the shell is gone"; note [printable $shown]; done}
    }
    settle
    send "\r"
    append shown [await {\r\n\$ $}]
    # The shell's prompts: in between where an orphan's line came after the first, and at the end.
    regsub {(^|\n)(\$ )?\n\$ $} [string map {\r {}} $shown] \n shown
    regsub -all {(^|\n)\$ } $shown {\1} shown
    append ::transcript "$ $shown"
    return [string range $shown [string first \n $shown]+1 end]
}

# Runs ./example and presses Ctrl-Z in its second of sleep; again where the second was over before
# that came, on a busy machine. Returns what the terminal showed.
proc type_stopped {} {
    for {set tries 1} {$tries <= 20} {incr tries} {
        send "./example\r"
        set shown [await {Type stuff here: $}]
        send "hello\r"
        append shown [await {quite opposite...\r\n}]
        send \032
        expect {
            -re {Stopped[^\n]*\n\$ $} {
                append shown $expect_out(buffer)
                regsub {\$ $} [string map {\r {}} $shown] {} shown
                append ::transcript "$ $shown"
                return $shown
            }
            -re {dead.*\n.*dead.*\n\^Z} {}
            -re {\$ .*\^Z} {}
            timeout {ok 0 "Ctrl-Z does nothing"; done}
        }
        settle
        send "\r"
        await {\r\n\$ $}
    }
    ok 0 "Ctrl-Z always comes too late"
    done
}

# Keeps what the terminal showed under a name, if make check was asked to.
proc record {name} {
    global env
    if {$::recording} {
        file mkdir $env(RECORD)
        write_file $env(RECORD)/$name.txt $::transcript
    }
    set ::transcript {}
}
