# bench.gp: draws bench.csv: the time of a call over the length of the allowlist.
#
# gnuplot -e "csv='bench.csv'; svg='bench.svg'; lang='en'" bench.gp
if (!exists("lang")) lang = 'en'
zh = lang eq 'zh'
set encoding utf8
set terminal svg size 600,480 dynamic enhanced font zh ? 'Noto Sans CJK SC,15' : 'Open Sans,15' background '#ffffff'
set output svg
set datafile separator ','
set logscale xy
set bmargin 4
set xtics (10, 50, 100, 300, 1000)
set xrange [9:1150]
set ytics (100, 200, 500, 1000, 2000, 5000, 10000)
set grid ytics lc rgb '#cccccc' lt 1
set xlabel zh ? '白名单的条目数' : 'entries of the allowlist'
set ylabel zh ? '每次调用的纳秒数' : 'nanoseconds per call'
set key top left reverse Left
first = zh ? '首项' : 'hit first'
middle = zh ? '中间' : 'hit in the middle'
last = zh ? '末项' : 'hit last'
argument = zh ? '，读取参数' : ', reads an argument'
none = zh ? '无过滤器' : 'no filter'
stats csv every ::1::1 using 7 nooutput
base = STATS_min
set yrange [base / 1.3:*]
same = zh ? '步骤 4，及 libseccomp 所生成的' : 'step 4, and by libseccomp'
policy(unused) = (column(2) > 0 && strcol(3) eq '' && column(4) == 0) ? column(7) : 1/0
row(position, reads) = (strcol(3) eq position && column(4) == reads) ? column(7) : 1/0
set style line 1 lc rgb '#0072b2' lw 2 pt 7 ps 0.8
set style line 2 lc rgb '#009e73' lw 2 pt 5 ps 0.8
set style line 3 lc rgb '#d55e00' lw 2 pt 9 ps 0.9
set datafile missing NaN
plot csv every ::1 using 2:(row('last', 1)) with linespoints ls 3 title last . argument, \
     '' every ::1 using 2:(row('middle', 1)) with linespoints ls 2 title middle . argument, \
     '' every ::1 using 2:(row('first', 1)) with linespoints ls 1 title first . argument, \
     '' every ::1 using 2:(row('last', 0)) with linespoints ls 3 dt 2 title last, \
     '' every ::1 using 2:(row('middle', 0)) with linespoints ls 2 dt 2 title middle, \
     '' every ::1 using 2:(row('first', 0)) with linespoints ls 1 dt 2 title first, \
     '' every ::1 using 2:(policy(0)) with points pt 2 ps 1.2 lw 2 lc rgb '#000000' title same, \
     base with lines lc rgb '#555555' lw 1.5 dt 3 title none
