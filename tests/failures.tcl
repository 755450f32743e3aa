# failures.tcl: what the programs of tutorial/failures have to do on a machine, by the table in
# tests/failures, and whether they do it.

# A machine's facts are a dictionary: has is what it is, in words; linux, glibc, … are versions.
proc is_true {word facts} {
    if {[regexp {^(\w+)(>=|<)([\d.]+)$} $word all what relation version]} {
        if {![dict exists $facts $what]} {return 0}
        regexp {^\d+\.\d+} [dict get $facts $what] is
        return [expr {([package vcompare $is $version] < 0) == ($relation eq "<")}]
    }
    if {[string match "!*" $word]} {return [expr {![is_true [string range $word 1 end] $facts]}]}
    return [expr {$word in [dict get $facts has]}]
}

# Whether this machine's kernel has x32.
proc has_x32 {} {
    write_file $::work/x32.c "#include <unistd.h>\n#include <sys/syscall.h>\nint main(void) { return syscall(0x40000000 | SYS_getpid) < 0; }\n"
    return [expr {![run "cd [quote $::work] && gcc -D_GNU_SOURCE -o x32 x32.c && ./x32"]}]
}

proc facts {arch libc version release x32} {
    set has [list $arch $libc]
    if {$arch ni {i386 arm}} {lappend has 64}
    if {$x32} {lappend has x32}
    return [dict create has $has $libc $version linux $release]
}

# The programs with what they have to report, as guest.c says it: the first rows that are true.
proc expected_reports {facts} {
    set expected {}
    foreach row [split [exec $::here/failures table] \n] {
        lassign [split $row |] name where failing mended
        if {[dict exists $expected $name]} continue
        if {[lsearch -not -exact [lmap word $where {is_true $word $facts}] 1] >= 0} continue
        foreach {program does} [list $name $failing $name-mended $mended] {
            set lines [split $does ";"]
            set report [join [lmap line [lrange $lines 0 end-1] {set line "> $line\n"}] ""]
            dict set expected $program "$report= program [lindex $lines end]\n"
        }
    }
    return $expected
}

proc check_failures {what prefix facts reports} {
    dict for {program expected} [expected_reports $facts] {
        is [expr {[dict exists $reports $prefix$program] ? [dict get $reports $prefix$program] : "nothing"}] \
            $expected "$what: $program"
    }
}
