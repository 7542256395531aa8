# The narration of every lesson (its first 100 steps), word for word. `make golden` writes them anew.
. tests/support/cli.sh

for lesson in scenarios/*.yaml; do
    name=$(basename "$lesson" .yaml)
    vmscope run --limit=100 "$lesson"
    diff -u "tests/golden/$name.txt" "$out" > "$dir/difference" 2>&1
    same=$?
    [ $same -eq 0 ] || head -n 20 "$dir/difference" | sed 's/^/# /'
    is "$name is narrated as before" [ $same -eq 0 ]
done
ends
