# platform.tcl: what platform.exp and libcs.exp share: builds, the loop without a compiler at hand,
# and what has to come of it.

source failures.tcl
set platforms $here/guests
set cache [exec $here/platforms cache]
set recorded $here/../tutorial/data/platforms.csv
# How the programs run: see guest.c.
set ways {pipe terminal lines stopped}
set dead "You should not see this, because I am dead"

# What only sid has is never part of STRICT.
proc skip_platform {name reason} {
    if {[may_change $name]} {set ::strict 0}
    skip $name $reason
    done
}

# What comes from sid changes without us.
proc may_change {name} {
    return [expr {[exec $::here/platforms suite $name] eq "sid"}]
}

proc compiler {build} {
    set host [exec $::here/platforms build host $build]
    return [expr {$host eq [exec gcc -dumpmachine] ? "gcc" : "$host-gcc"}]
}

# The calls that the loop found before, by the record: for a build and a way.
proc known_calls {platform build way} {
    if {![file exists $::recorded]} {return {}}
    foreach line [split [string trim [read_file $::recorded]] \n] {
        set row [split $line ,]
        if {[lindex $row 0] eq $platform && [lindex $row 1] eq $build && [lindex $row end-1] eq $way} {
            return [lindex $row end]
        }
    }
    return {}
}

# Step 3 with these calls added, built in the way of a build; returns the program. Built once.
proc build_loop {build calls} {
    set program $::platforms/$build/loop-[join $calls -]
    if {[file exists $program]} {return $program}
    set folder $::work/$build
    if {![file exists $folder]} {
        file mkdir $folder
        run "cp -Rp [quote $::platforms/$build]/common [quote $::platforms/$build]/step-3 [quote $folder]"
        write_file $folder/original [read_file $folder/step-3/example.c]
    }
    write_file $folder/step-3/example.c [read_file $folder/original]
    foreach call [lreverse $calls] {add_call $folder/step-3/example.c $call}
    set status [run "make -C [quote $folder/step-3] CC=[compiler $build] CFLAGS='-O2 [exec $::here/platforms build flags $build]' LDFLAGS='[exec $::here/platforms build libs $build]'"]
    if {$status != 0} {
        ok 0 "$build: step 3 builds with $calls"
        note [string range $output end-800 end]
        done
    }
    file copy -force $folder/step-3/example $program.[pid]
    file rename -force $program.[pid] $program
    return $program
}

# All beginnings of a list of calls, the whole list too.
proc beginnings {calls} {
    set all {{}}
    for {set i 0} {$i < [llength $calls]} {incr i} {lappend all [lrange $calls 0 $i]}
    return $all
}

proc programs {build} {
    set folder $::platforms/$build
    foreach step {1 2 3 4} {
        file delete -force $folder/stage-$step
        file copy $folder/step-$step/example $folder/stage-$step
    }
    set all [list $folder/stage-1 $folder/stage-2 $folder/stage-3 $folder/stage-4 $folder/report]
    foreach step {2 3 4} {lappend all $folder/verdicts-$step}
    foreach calls $::loops($build) {lappend all [build_loop $build $calls]}
    if {[inspects $build]} {lappend all $folder/seccomp-inspect}
    return [concat $all [failures_of $build]]
}

# The programs of the chapter on failures, which only some builds have.
proc failures_of {build} {
    return [lsort [glob -nocomplain $::platforms/$build/failure-*]]
}

# Whether a build has the inspector: one for each architecture.
proc inspects {build} {
    return [expr {$build eq [exec $::here/platforms build arch $build]}]
}

# The allowlist of a stage for a build: by the preprocessor, since some calls depend on it.
proc allowlist_of {build step} {
    set source $::platforms/$build/step-$step
    run "cd [quote $source] && sed '/ALLOW_SYSCALL/!{/^#include/d}; s/ALLOW_SYSCALL(\\(\[a-z_0-9\]*\\)),.*/\"&\"/' example.c >names.c"
    run "cd [quote $source] && { echo '#include \"seccomp-bpf.h\"'; cat names.c; } | [compiler $build] [exec $::here/platforms build flags $build] -I. -I../common -E -P -x c -"
    set names {}
    foreach {all name} [regexp -all -inline {"ALLOW_SYSCALL\((\w+)\)} $output] {lappend names $name}
    return $names
}

# A report of guest.c as a dictionary: label to what it says.
proc parse_report {console} {
    set reports {}
    set label ""
    foreach line [split $console \n] {
        if {[regexp {^RUN (\S+)$} $line all label]} {
            dict set reports $label ""
        } elseif {$line eq "END"} {
            break
        } elseif {$label ne ""} {
            dict append reports $label "$line\n"
        }
    }
    return $reports
}

# What has no report yet; in a line each for guest.c.
proc make_plan {builds prefix reports} {
    set lines {}
    foreach build $builds {
        foreach way $::ways {
            foreach stage {1 2 4} {lappend lines "$way $build-$way-stage-$stage $prefix/$build/stage-$stage"}
            foreach calls $::loops($build) {
                set name loop-[join $calls -]
                lappend lines "$way $build-$way-$name $prefix/$build/$name"
            }
        }
        lappend lines "plain $build-report $prefix/$build/report all"
        foreach step {2 3 4} {
            lappend lines "plain $build-verdicts-$step $prefix/$build/verdicts-$step [allowlist_of $build $step]"
        }
        foreach program [failures_of $build] {
            set name [file tail $program]
            lappend lines "plain $build-$name $prefix/$build/$name"
        }
        if {![inspects $build]} continue
        foreach step {2 3 4} {
            lappend lines "plain $build-filter-$step $prefix/$build/seccomp-inspect show --format=json $prefix/$build/stage-$step"
        }
        lappend lines "plain $build-live $prefix/$build/seccomp-inspect verdicts --live $prefix/$build/stage-4"
    }
    set plan ""
    foreach line $lines {
        if {![dict exists $reports [lindex $line 1]]} {append plan "$line\n"}
    }
    return $plan
}

# The call that a report of step 3 names, "" at the end of the loop, or "?" for anything else. After
# fork both processes may name one, in any order: then it is the first by the alphabet.
proc named_call {report} {
    set names {}
    foreach {all name paste} [regexp -all -inline {> Looks like you also need syscall: (\w+)\(\d+\)\n>     ALLOW_SYSCALL\((\w+)\),\n} $report] {
        if {$name eq $paste} {lappend names $name}
    }
    if {$names ne ""} {return [lindex [lsort $names] 0]}
    if {[regexp -all "> $::dead\n" $report] == 2} {return ""}
    return "?"
}

# Follows the loop through the reports as far as they go: returns the calls, and whether it ended.
proc follow_loop {reports build way} {
    set calls {}
    while {[llength $calls] < 40} {
        set label $build-$way-loop-[join $calls -]
        if {![dict exists $reports $label]} {return [list $calls 0]}
        set name [named_call [dict get $reports $label]]
        if {$name eq ""} {return [list $calls 1]}
        if {$name eq "?" || $name in $calls} {
            ok 0 "$build, $way: the loop goes on after $calls"
            note [dict get $reports $label]
            return [list $calls 1]
        }
        lappend calls $name
    }
    return [list $calls 1]
}

# Boots until the loops of all builds have ended: a call that was not known costs another boot.
proc run_loops {platform builds boot prefix} {
    foreach build $builds {
        set ::loops($build) {}
        foreach way $::ways {
            foreach calls [beginnings [known_calls $platform $build $way]] {
                if {$calls ni $::loops($build)} {lappend ::loops($build) $calls}
            }
        }
    }
    set reports {}
    for {set boots 1} {$boots < 30} {incr boots} {
        set console [$boot [make_plan $builds $prefix $reports] $builds]
        set reports [dict merge $reports [parse_report $console]]
        set open 0
        foreach build $builds {
            foreach way $::ways {
                lassign [follow_loop $reports $build $way] calls ended
                if {$ended} continue
                set open 1
                if {$calls ni $::loops($build)} {lappend ::loops($build) $calls}
            }
        }
        if {!$open} break
    }
    note "$platform: $boots boots"
    return $reports
}

proc check_stages {build way reports} {
    set echo [expr {$way eq "terminal" ? "hello\n> " : ""}]
    set shown "> Type stuff here: ${echo}You typed: hello\n> And now we fork, which should do quite opposite...\n> $::dead\n> $::dead\n"
    set lived "(= program exited 0\n= orphan exited 0\n|= orphan exited 0\n= program exited 0\n)"
    foreach stage {1 4} {
        like [dict get $reports $build-$way-stage-$stage] "^$shown$lived\$" "$build, $way: step $stage prints both lines and lives"
    }
    like [dict get $reports $build-$way-stage-2] {^= program killed 31\n$} "$build, $way: step 2 dies with SIGSYS"
}

# What a learner sees on a terminal, from the first run to the last one.
proc loop_transcript {reports build calls} {
    set shown ""
    foreach beginning [beginnings $calls] {
        append shown "$ make && ./example\n"
        foreach line [split [dict get $reports $build-terminal-loop-[join $beginning -]] \n] {
            if {[regexp {^> (.*)$} $line all text]} {append shown "$text\n"}
        }
    }
    return $shown
}

# The loop is kept for these, beside the table: the book shows it. After fork the lines of the two
# processes may come in any order, so they are compared without it.
proc check_transcript {reports build calls} {
    if {$build ni {glibc-2.36 glibc-2.41 musl-1.2.5 aarch64}} return
    set file $::here/../tutorial/data/loops/$build.txt
    set shown [loop_transcript $reports $build $calls]
    if {$::recording} {
        file mkdir [file dirname $file]
        write_file $file $shown
    } else {
        is [lsort [split $shown \n]] [lsort [split [read_file $file] \n]] "$build: as in tutorial/data/loops"
    }
}

# The filters that the book's stepper walks, and what the kernel says to each of their calls.
proc check_filters {build reports} {
    foreach step {2 3 4} {
        set shown ""
        foreach {all line} [regexp -all -inline -line {^> (.*)$} [dict get $reports $build-filter-$step]] {append shown "$line\n"}
        regsub -all -line {^(Looks like| +ALLOW_SYSCALL).*\n} $shown {} shown
        regsub {"source": "[^"]*"} $shown "\"source\": \"step-$step/example\"" shown
        set name filters/$build-step-$step.json
        if {$::recording} {
            write_file $::here/../tutorial/data/$name $shown
        } else {
            is $shown [read_file $::here/../tutorial/data/$name] "$build: as in tutorial/data/$name"
        }
    }
    set live [seen_by_filters [dict get $reports $build-live]]
    ok [expr {[regexp {live: \d{4} numbers tried} $live] && ![regexp {the filter: } $live]}] "$build: simulator and kernel agree on every call of step 4"
}

# What a build is on a platform, for the table of failures. Other libcs have this machine's kernel.
proc facts_of {platform build} {
    if {$::release eq "-"} {
        set kernel [list [exec uname -r] [has_x32]]
    } else {
        set kernel [list $::release [expr {"syscall.x32=y" in [exec $::here/platforms append $platform]}]]
    }
    return [facts [exec $::here/platforms build arch $build] [exec $::here/platforms build libc $build] \
        [string trim [read_file $::platforms/$build/libc-version]] {*}$kernel]
}

# Everything that a platform has to show. Rows for the record go to guests/PLATFORM.csv.
proc check_all {platform all_builds boot {prefix {}}} {
    set builds {}
    if {[may_change $platform]} {set ::strict 0}
    foreach build $all_builds {
        set folder $::platforms/$build
        if {[file exists $folder/unavailable]} {
            skip $build [string trim [read_file $folder/unavailable]]
        } elseif {[may_change $platform] && [file exists $folder/broken]} {
            skip $build "it does not build with this compiler"
            note [read_file $folder/broken]
        } elseif {[ok [file exists $folder/built] "$build builds"]} {
            lappend builds $build
        } elseif {[file exists $folder/broken]} {
            note [read_file $folder/broken]
        }
    }
    if {$builds eq ""} {done}
    set reports [run_loops $platform $builds $boot $prefix]
    set rows ""
    foreach build $builds {
        foreach way $::ways {
            check_stages $build $way $reports
            lassign [follow_loop $reports $build $way] calls ended
            if {$way eq "terminal"} {check_transcript $reports $build $calls}
            ok $ended "$build, $way: the loop ends after [llength $calls] calls: $calls"
            set step_4 [allowlist_of $build 4]
            is [lmap call $calls {expr {$call in $step_4 ? [continue] : $call}}] "" "$build, $way: all of them are in step 4"
            append rows "$platform,$build,[exec $::here/platforms build arch $build],$::release,[exec $::here/platforms build libc $build],[string trim [read_file $::platforms/$build/libc-version]],[exec $::here/platforms build linkage $build],$way,$calls\n"
            set known [known_calls $platform $build $way]
            if {$::recording || [may_change $platform]} {
                if {$calls ne $known} {note "$build, $way: tutorial/data/platforms.csv has: $known"}
            } else {
                is $calls $known "$build, $way: as in tutorial/data/platforms.csv"
            }
        }
        like [dict get $reports $build-report] {^> 10\d\d reported rightly\n= program exited 0\n$} "$build: the reporter names every number"
        if {[inspects $build]} {check_filters $build $reports}
        foreach step {2 3 4} {
            like [dict get $reports $build-verdicts-$step] {> native: 10\d\d tried, \d+ allowed, 0 not as listed\n(> .* 0 not as listed\n)*= program exited 0\n} \
                "$build: the kernel's verdicts of step $step"
            ok [expr {![regexp {[1-9]\d* not as listed} [dict get $reports $build-verdicts-$step]]}] "$build: none is different, step $step"
        }
        if {[failures_of $build] ne ""} {check_failures $build $build-failure- [facts_of $platform $build] $reports}
    }
    write_file $::platforms/$platform.csv $rows
}
