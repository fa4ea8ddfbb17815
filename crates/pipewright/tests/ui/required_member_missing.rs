use pipewright::requests::Tag;

fn main() {
    let _ = Tag::new("team");
}
